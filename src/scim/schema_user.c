/* schema_user.c — the User of RFC 7643 §4.1 and §4.3, and the fixed part of our extension, as tables. */
#include "scim/tables.h"

static const struct scim_attr name_parts[] = {
    ROW("formatted", STRING, "The whole name as it is shown", .attribute = "formatted_name"),
    ROW("familyName", STRING, "The last name", .attribute = "family_name"),
    ROW("givenName", STRING, "The first name", .attribute = "given_name"),
    ROW("middleName", STRING, "The middle names", .attribute = "middle_name"),
    ROW("honorificPrefix", STRING, "What stands before the name, for example Dr.",
        .attribute = "honorific_prefix"),
    ROW("honorificSuffix", STRING, "What stands behind the name, for example III",
        .attribute = "honorific_suffix"),
    {},
};

#define DISPLAY ROW("display", STRING, "How the value is shown to people")
#define PRIMARY ROW("primary", BOOLEAN, "Whether this is the preferred one; at most one is")
#define KIND(text, ...) ROW("type", STRING, text, .canonical = WORDS(__VA_ARGS__))

static const struct scim_attr email_parts[] = {
    ROW("value", STRING, "The e-mail address"),
    DISPLAY,
    KIND("What the address is for", "work", "home", "other"),
    PRIMARY,
    {},
};

static const struct scim_attr phone_parts[] = {
    ROW("value", STRING, "The phone number, kept as it was written"),
    DISPLAY,
    KIND("What the number is for", "work", "home", "mobile", "fax", "pager", "other"),
    PRIMARY,
    {},
};

static const struct scim_attr im_parts[] = {
    ROW("value", STRING, "The address of instant messages"),
    DISPLAY,
    KIND("The service", "aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"),
    PRIMARY,
    {},
};

static const struct scim_attr photo_parts[] = {
    ROW("value", REFERENCE, "Where the picture is", .exact = true, .references = WORDS("external")),
    DISPLAY,
    KIND("The size of the picture", "photo", "thumbnail"),
    PRIMARY,
    {},
};

static const struct scim_attr address_parts[] = {
    ROW("formatted", STRING,
        "The whole address as it is written on a letter; it may have line ends"),
    ROW("streetAddress", STRING, "Street, house number and the like; it may have line ends"),
    ROW("locality", STRING, "The city"),
    ROW("region", STRING, "The state or region"),
    ROW("postalCode", STRING, "The postal code"),
    ROW("country", STRING, "The country, in two letters of ISO 3166-1"),
    KIND("What the address is for", "work", "home", "other"),
    PRIMARY,
    {},
};

static const struct scim_attr group_parts[] = {
    ROW("value", STRING, "The id of the group", .exact = true, .mutability = SCIM_READ_ONLY),
    ROW("$ref", REFERENCE, "Where the group is", .exact = true, .mutability = SCIM_READ_ONLY,
        .references = WORDS("Group")),
    ROW("display", STRING, "The name of the group", .mutability = SCIM_READ_ONLY),
    ROW("type", STRING, "Whether the person is a member itself or by another group",
        .mutability = SCIM_READ_ONLY, .canonical = WORDS("direct", "indirect")),
    {},
};

static const struct scim_attr entitlement_parts[] = {
    ROW("value", STRING, "The entitlement"),
    DISPLAY,
    ROW("type", STRING, "What the entitlement is for"),
    PRIMARY,
    {},
};

static const struct scim_attr role_parts[] = {
    ROW("value", STRING, "The role"),
    DISPLAY,
    ROW("type", STRING, "What the role is for"),
    PRIMARY,
    {},
};

static const struct scim_attr certificate_parts[] = {
    ROW("value", BINARY, "The certificate: DER in base64", .exact = true),
    DISPLAY,
    ROW("type", STRING, "What the certificate is for"),
    PRIMARY,
    {},
};

static const struct scim_attr user_attrs[] = {
    ROW("userName", STRING, "The name the person signs in with; often the e-mail address",
        .required = true, .uniqueness = SCIM_SERVER, .attribute = "user_name"),
    ROW("name", COMPLEX, "The parts of the person's name", .sub = name_parts),
    ROW("displayName", STRING, "The name as it is shown to others", .attribute = "display_name"),
    ROW("nickName", STRING, "What the person wants to be called", .attribute = "preferred_name"),
    ROW("profileUrl", REFERENCE, "Where the person's profile is", .exact = true,
        .references = WORDS("external"), .attribute = "profile_url"),
    ROW("title", STRING, "The job title", .attribute = "title"),
    ROW("userType", STRING, "The relation to the organization, for example Employee or Contractor",
        .attribute = "user_type"),
    ROW("preferredLanguage", STRING, "The language the person prefers, for example en-GB",
        .attribute = "preferred_language"),
    ROW("locale", STRING, "How dates, numbers and currencies are written, for example de-DE",
        .attribute = "locale"),
    ROW("timezone", STRING, "The time zone, for example Europe/Vienna", .attribute = "timezone"),
    /* A person always has a state, so it cannot be removed; who leaves it out when adding one means true. */
    ROW("active", BOOLEAN, "Whether the person may use what they are provisioned to",
        .required = true),
    ROW("emails", COMPLEX, "The e-mail addresses", .many = true, .sub = email_parts,
        .attribute = "emails"),
    ROW("phoneNumbers", COMPLEX, "The phone numbers", .many = true, .sub = phone_parts,
        .attribute = "phones"),
    ROW("ims", COMPLEX, "The addresses of instant messages", .many = true, .sub = im_parts,
        .attribute = "ims"),
    ROW("photos", COMPLEX, "Where pictures of the person are", .many = true, .sub = photo_parts,
        .attribute = "photos"),
    ROW("addresses", COMPLEX, "The postal addresses", .many = true, .sub = address_parts,
        .attribute = "addresses"),
    ROW("groups", COMPLEX, "The groups the person is in; changed at the group", .many = true,
        .mutability = SCIM_READ_ONLY, .sub = group_parts),
    ROW("entitlements", COMPLEX, "What the person is entitled to", .many = true,
        .sub = entitlement_parts, .attribute = "entitlements"),
    ROW("roles", COMPLEX, "The roles the person has", .many = true, .sub = role_parts,
        .attribute = "roles"),
    ROW("x509Certificates", COMPLEX, "The certificates of the person", .many = true,
        .sub = certificate_parts, .attribute = "certificates"),
    {},
};

const struct scim_schema scim_core_user = { SCIM_USER, "User", "A person", user_attrs };

/* ---- Enterprise User ---- */

static const struct scim_attr manager_parts[] = {
    ROW("value", STRING,
        "The id of the manager; an externalId, a userName or an e-mail is taken too",
        .exact = true),
    ROW("$ref", REFERENCE, "Where the manager is", .exact = true, .references = WORDS("User")),
    ROW("displayName", STRING, "The name of the manager", .mutability = SCIM_READ_ONLY),
    {},
};

static const struct scim_attr enterprise_attrs[] = {
    ROW("employeeNumber", STRING, "The number the organization gave the person",
        .attribute = "employee_number"),
    ROW("costCenter", STRING, "The cost center", .attribute = "cost_center"),
    ROW("organization", STRING, "The organization", .attribute = "organization"),
    ROW("division", STRING, "The division", .attribute = "division"),
    ROW("department", STRING, "The department", .attribute = "department"),
    ROW("manager", COMPLEX, "The person's manager", .sub = manager_parts),
    {},
};

const struct scim_schema scim_enterprise = { SCIM_ENTERPRISE, "EnterpriseUser",
                                             "A person in an organization", enterprise_attrs };

/* ---- ours ---- */

const struct scim_attr scim_muster_attrs[] = {
    ROW("level", STRING, "The level of the person", .attribute = "level"),
    ROW("location", STRING, "The office or place of work", .attribute = "location"),
    ROW("gender", STRING, "The gender", .attribute = "gender"),
    ROW("birthday", STRING, "The day of birth: YYYY-MM-DD", .canonical = WORDS(SCIM_DAY),
        .attribute = "birthday"),
    ROW("startDate", STRING, "The first day of work: YYYY-MM-DD", .canonical = WORDS(SCIM_DAY),
        .attribute = "start_date"),
    ROW("endDate", STRING, "The last day of work: YYYY-MM-DD", .canonical = WORDS(SCIM_DAY),
        .attribute = "end_date"),
    ROW("additionalManagers", STRING,
        "Further managers: e-mails with commas between; ids, externalIds and userNames are taken "
        "too"),
    {},
};
