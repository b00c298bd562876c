"""The fields of HiBob: what `GET /company/people/fields` lists, and where each value comes from.

The table is one line per field: id, type, name. A list type names its list after a colon, a `*`
marks a field with history. A field without a reader below exists, but is empty for everybody.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Callable

from sandbox import lists
from sandbox.company import Company, Person

_TABLE = """
root | Basic info
root.id text ID
root.firstName text First name
root.middleName text Middle name
root.surname text Last name
root.displayName text Display name
root.fullName text Full name
root.email text Email
root.creationDate date Creation date
root.creationDatetime text Creation date and time
root.avatarUrl avatar Avatar
root.coverImageUrl avatar Cover image

about | About
about.avatar avatar Avatar
about.nickname text Preferred name
about.about text-area About
about.superpowers multi-list:superpowers Superpowers
about.hobbies multi-list:hobbies Hobbies
about.foodPreferences multi-list:foodPreferences Food preferences
about.socialData.linkedin text LinkedIn
about.socialData.facebook text Facebook
about.socialData.twitter text Twitter
about.languages multi-list:languages Languages

personal | Personal
personal.honorific list:honorific Honorific
personal.pronouns list:pronouns Pronouns
personal.legalGender list:gender Legal gender
personal.legalFirstName text Legal first name
personal.legalLastName text Legal last name
personal.birthDate date Birthday
personal.shortBirthDate short-date Short birthday
personal.age number Age
personal.nationality multi-list:nationality Nationality
personal.maritalStatus list:maritalStatus Marital status
personal.numberOfKids number Number of kids
personal.timezone text Time zone
personal.locale text Locale
employee.disabilityStatus list:disabilityStatus Disability status
employee.veteranStatus list:veteranStatus Veteran status
employee.ethnicity list:ethnicity Ethnicity

work | Work
work.startDate date* Work start date
work.shortStartDate short-date Short start date
work.originalStartDate date Original start date
work.daysOfPreviousService number Days of previous service
work.title list:title* Position
work.department list:department* Department
work.site text* Site
work.siteId list_id:site* Site ID
work.reportsTo employee-reference* Reports to
work.manager employee* Manager ID
work.reportsToIdInCompany number Manager's employee ID
work.secondLevelManager employee Second level manager
work.employeeIdInCompany number Employee ID
work.isManager boolean Is manager
work.directReports number Direct reports
work.tenureDuration period Tenure
work.tenureYears number Tenure in years
work.durationOfEmployment period Duration of employment
work.workMobile text Work mobile
work.workPhone text Work phone
work.workplaceType list:workplaceType Workplace
work.activeEffectiveDate date* Effective date
work.workChangeType list:workChangeType* Change type
work.changeReason text* Reason
work.indirectReports number Indirect reports
work.siteTimezone text Site time zone
work.siteCountry text Site country
work.customColumns.column_1700000000002 list:work.column_1700000000002* Squad
work.customColumns.column_1700000000006 hierarchy-list:work.column_1700000000006* Cost centre
work.custom.field_1700000000001 text Desk
work.custom.field_1700000000003 number Badge number
work.custom.field_1700000000004 date Contract review
work.custom.field_1700000000005 list:work.field_1700000000005 Level
work.custom.field_1700000000007 boolean Has company car

employment | Employment
employment.type list:employmentType* Employment type
employment.contract list:employmentContract* Employment contract
employment.weeklyHours number* Weekly hours
employment.fte number* FTE %
employment.salaryPayType list:salaryPayType* Salary pay type
employment.flsaCode list:flsaCode* FLSA code
employment.standardWorkingPattern list:workingPattern* Working pattern
employment.workingPatternHours number* Working pattern hours
employment.calendarId list:holidayCalendar* Holiday calendar
employment.activeEffectiveDate date* Effective date
employment.hoursInDayNotWorked number* Hours in day not worked
employment.siteWorkingPattern text* Site working pattern

payroll | Payroll
payroll.employment.type list:employmentType* Contract type
payroll.employment.contract list:employmentContract* Contract
payroll.employment.weeklyHours number* Hours per week
payroll.employment.activeEffectiveDate date* Contract effective date
payroll.salary.payment currency* Base salary
payroll.salary.payPeriod list:payPeriod* Pay period
payroll.salary.payFrequency list:payFrequency* Pay frequency
payroll.salary.yearlyPayment currency* Yearly salary
payroll.salary.activeEffectiveDate date* Salary effective date
payroll.variable.amount currency* Variable pay
payroll.variable.type list:variableType* Variable type
payroll.variable.paymentPeriod list:payPeriod* Variable period
payroll.equity.equityType list:equityType* Equity type
payroll.equity.quantity number* Equity quantity
payroll.equity.grantDate date* Grant date
payroll.equity.vestingTerm list:vestingTerm* Vesting term

internal | Lifecycle
internal.status text Status
internal.lifecycleStatus list:lifecycleStatus* Lifecycle status
internal.terminationDate date Termination date
internal.terminationType list:terminationType Termination type
internal.terminationReason list:terminationReason Termination reason
internal.periodSinceTermination period Period since termination
internal.yearsSinceTermination number Years since termination
internal.currentActiveStatusStartDate date Current status since
internal.lastDayOfWork date Last day of work
internal.probationEndDate date Probation end date
internal.notice.length number Notice length
internal.notice.lengthUnit list:noticeUnit Notice unit

address | Address
address.line1 text* Address line 1
address.line2 text* Address line 2
address.city text* City
address.postCode text* Post code
address.country list:country* Country
address.usaState list:usaState* State
address.fullAddress text Full address
address.siteAddress1 text Site address 1
address.siteCity text Site city
address.siteCountry text Site country
address.sitePostalCode text Site postal code
address.activeEffectiveDate date* Address effective date

home | Home
home.privateEmail text Private email
home.privatePhone text Private phone
home.mobilePhone text Private mobile
home.familyStatus list:familyStatus Family status
home.spouse.firstName text Spouse first name
home.spouse.surname text Spouse last name
home.spouse.birthDate date Spouse birth date
home.spouse.gender list:gender Spouse gender

communication | Communication
communication.skypeUsername text Skype
communication.slackUsername text Slack
communication.teamsUsername text Teams

financial | Financial
financial.bankName text* Bank name
financial.bankAccount text* Account number
financial.iban text* IBAN
financial.bic text* BIC
financial.routingNumber text* Routing number
financial.nameOnAccount text* Name on account
financial.bankAddress text* Bank address
financial.bankAccountType list:bankAccountType* Account type

identification | Identification
identification.ssn ssn SSN
identification.nin text National insurance number
identification.passportNumber text Passport number
identification.passportIssueDate date Passport issue date
identification.passportExpirationDate date Passport expiration date
identification.passportIssuingCountry list:country Passport issuing country
identification.visaNumber text Visa number
identification.visaExpirationDate date Visa expiration date
identification.visaType list:visaType Visa type
identification.drivingLicense text Driving licence
identification.taxId text Tax ID
identification.idDocument document ID document

education | Education
education.degree list:degree* Degree
education.institution text* Institution
education.major text* Major
education.startDate date* Education start
education.endDate date* Education end
education.certificate document* Certificate

training | Training
training.name text* Training name
training.status list:trainingStatus* Training status
training.startDate date* Training start
training.endDate date* Training end
training.cost currency* Training cost
training.frequency list:payFrequency* Training frequency

assets | Assets
assets.category list:assetCategory* Asset category
assets.description text* Asset description
assets.serialNumber text* Serial number
assets.loanDate date* Loan date
assets.returnDate date* Return date

timeoff | Time off
timeoff.policyType text Time off policy type
timeoff.policyName text Time off policy
timeoff.balance number Time off balance
timeoff.workFromTime time Day starts at
timeoff.workUntilTime time Day ends at
timeoff.approver employee Time off approver

tools | Tools
tools.googleAccount text Google account
tools.microsoftAccount text Microsoft account
tools.githubAccount text GitHub account
tools.jiraAccount text Jira account
"""
_REPEATED = (  # (category, its name, prefixes, fields), written out once
    ("emergency", "Emergency contacts", ("primary", "secondary", "third"),
     "firstName First name, surname Last name, middleName Middle name, relation Relation, mobilePhone Mobile phone, "
     "homePhone Home phone, workPhone Work phone, email Email, address.line1 Address, address.city City, address.postCode Post code"),
    ("dependents", "Dependents", ("first", "second", "third", "fourth"),
     "firstName First name, surname Last name, birthDate Birth date, gender Gender, relation Relation, school School"),
    ("review", "Reviews", ("last", "next"), "cycle Cycle, score Score, reviewer Reviewer, status Status, dueOn Due on"),
)
DEFAULT_CATEGORIES = ("root", "about", "employment", "work")
Reader = Callable[[Company, Person], Any]


def _age(company: Company, day: str | None) -> int | None:
    """Full years from a day to the simulated date."""
    try:
        return int(company.today[:4]) - int(day[:4]) - (company.today[5:] < day[5:]) if day else None
    except ValueError:
        return None


def _period(company: Company, day: str | None) -> dict[str, Any] | None:
    """A length of time as HiBob writes it; it changes from day to day."""
    try:
        days = (date.fromisoformat(company.today) - date.fromisoformat(day)).days if day else -1
    except ValueError:
        return None
    if days < 0:
        return None
    years, months = days // 365, days % 365 // 31
    return {"periodISO": f"P{years}Y{months}M", "sortFactor": days,
            "humanize": f"{years} years, {months} months and {days % 365 % 31} days"}


def _reference(company: Company, person: Person) -> dict[str, Any] | None:
    if person.manager is None:
        return None
    boss = company.by_id.get(person.manager)
    if boss is None:
        return {"id": person.manager, "firstName": None, "surname": None, "email": None, "displayName": None}
    return {"id": boss.id, "firstName": boss.first, "surname": boss.last, "email": boss.email, "displayName": boss.display}


def _manager_number(company: Company, person: Person) -> int | None:
    boss = company.manager_of(person)
    return boss.number if boss else None


def _second_level(company: Company, person: Person) -> str | None:
    boss = company.manager_of(person)
    return boss.manager if boss else None


def _site(company: Company, person: Person) -> str | None:
    return company.name("site", person.site) if person.site is not None else None


def _site_id(_: Company, person: Person) -> int | str | None:
    return int(person.site) if person.site is not None and person.site.isdecimal() else person.site


def _of_site(n: int) -> Reader:
    def read(company: Company, person: Person) -> str | None:
        known = lists.SITES.get(_site(company, person))
        return known[n] if known else None
    return read


def _avatar(company: Company, person: Person) -> str:
    """A signed URL; the signature changes every day without an edit."""
    return f"https://images.{company.id}.example/avatars/{person.id}?signature={company.today.replace('-', '')}{person.number}"


def _phone(_: Company, person: Person) -> str | None:
    return f"+44 20 7946 {person.number:04d}" if person.number % 3 else None


# Fields that are plain attributes of a person, and can be edited as such.
ATTRIBUTES = {
    "root.id": "id", "root.firstName": "first", "root.middleName": "middle", "root.surname": "last", "root.email": "email",
    "about.nickname": "nickname", "personal.legalGender": "gender", "personal.birthDate": "birth",
    "work.startDate": "start", "work.originalStartDate": "original_start", "work.daysOfPreviousService": "days_before",
    "work.title": "title", "work.department": "department", "work.manager": "manager",
    "work.employeeIdInCompany": "number", "work.activeEffectiveDate": "work_since",
    "work.customColumns.column_1700000000002": "squad", "work.customColumns.column_1700000000006": "cost_centre",
    "work.custom.field_1700000000001": "desk", "work.custom.field_1700000000003": "badge",
    "work.custom.field_1700000000004": "review", "work.custom.field_1700000000005": "grade",
    "employment.type": "contract", "payroll.employment.type": "contract",
    "internal.status": "status", "internal.lifecycleStatus": "lifecycle", "internal.terminationDate": "end",
    "internal.terminationReason": "end_reason", "internal.currentActiveStatusStartDate": "state_since",
}
_COMPUTED: dict[str, Reader] = {
    "root.displayName": lambda c, p: p.display,
    "root.fullName": lambda c, p: " ".join(filter(None, (p.first, p.middle, p.last))),
    "root.creationDate": lambda c, p: p.original_start,
    "root.avatarUrl": _avatar, "about.avatar": _avatar,
    "personal.shortBirthDate": lambda c, p: p.birth[5:] if p.birth else None,
    "personal.age": lambda c, p: _age(c, p.birth),
    "personal.timezone": _of_site(2), "work.siteTimezone": _of_site(2),
    "work.siteCountry": _of_site(1), "address.siteCountry": _of_site(1), "address.siteCity": _site,
    "work.shortStartDate": lambda c, p: p.start[5:] if p.start else None,
    "work.site": _site, "work.siteId": _site_id,
    "work.reportsTo": _reference, "work.reportsToIdInCompany": _manager_number, "work.secondLevelManager": _second_level,
    "work.tenureDuration": lambda c, p: _period(c, p.original_start),
    "work.durationOfEmployment": lambda c, p: _period(c, p.start),
    "work.tenureYears": lambda c, p: _age(c, p.original_start),
    "work.workPhone": _phone,
    "work.workplaceType": lambda c, p: ("onsite", "hybrid", "remote")[p.number % 3],
    "work.custom.field_1700000000007": lambda c, p: p.number % 11 == 0,
    "employment.weeklyHours": lambda c, p: 20 if p.number % 13 == 0 else 40,
    "employment.fte": lambda c, p: 50 if p.number % 13 == 0 else 100,
    "internal.periodSinceTermination": lambda c, p: _period(c, p.end),
}


@dataclass(slots=True, frozen=True)
class Field:
    """One field definition; `read` gives the machine value for a person."""

    id: str
    category: str
    category_name: str
    name: str
    type: str
    list: str | None
    historical: bool
    read: Reader | None

    @property
    def custom(self) -> bool:
        return ".custom." in self.id or ".customColumns." in self.id

    @property
    def path(self) -> tuple[str, ...]:
        """Where the value is in the nested half of a record."""
        return tuple(self.id.removeprefix("root.").split("."))

    def definition(self) -> dict[str, Any]:
        return {"id": self.id, "category": self.category, "categoryId": self.category, "categoryDisplayName": self.category_name,
                "name": self.name, "description": "", "type": self.type, "historical": self.historical,
                "jsonPath": ".".join(self.path), "typeData": {"listId": self.list} if self.list else {}}

    def value(self, company: Company, person: Person) -> Any:
        if person.extra and self.id in person.extra:
            return person.extra[self.id]
        return self.read(company, person) if self.read else None

    def readable(self, company: Company, value: Any) -> Any:
        """The human-readable form of a value that is not null, with the dates of this tenant."""
        if self.list:
            return [company.name(self.list, v) for v in value] if isinstance(value, list) else company.name(self.list, value)
        if self.type == "date":
            return "/".join(reversed(value.split("-")))
        if self.type == "boolean":
            return "Yes" if value else "No"
        if self.type == "employee":
            return company.by_id[value].display if value in company.by_id else value
        if isinstance(value, dict):
            return value.get("displayName") or value.get("humanize") or value.get("id")
        return value if isinstance(value, (str, list)) else str(value)


def _reader(id: str) -> Reader | None:
    attribute = ATTRIBUTES.get(id)
    if attribute is None:
        return _COMPUTED.get(id)
    return lambda company, person: getattr(person, attribute)


def _read_line(line: str, category: str, category_name: str) -> Field:
    id, type, name = line.split(" ", 2)
    type, _, list_name = type.rstrip("*").partition(":")
    return Field(id, category, category_name, name, type, list_name or None, "*" in line.split(" ")[1], _reader(id))


def catalog() -> dict[str, Field]:
    """All fields by id, in the order the API lists them."""
    fields = []
    for block in _TABLE.strip().split("\n\n"):
        head, *lines = block.split("\n")
        category, category_name = head.split(" | ")
        fields += [_read_line(line, category, category_name) for line in lines]
    for category, category_name, prefixes, rows in _REPEATED:
        for prefix in prefixes:
            for row in rows.split(", "):
                leaf, name = row.split(" ", 1)
                fields.append(_read_line(f"{category}.{prefix}.{leaf} text {prefix.capitalize()} {name}", category, category_name))
    return {field.id: field for field in fields}
