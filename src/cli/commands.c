/* commands.c — the table of commands and their flags. */
#include "cli/cli.h"

static const struct flag serve_flags[] = {
    { "listen", FLAG_VALUE, "ADDRESS:PORT", "where to listen (127.0.0.1:8080)", 0 },
    { "public-url", FLAG_VALUE, "URL", "the address people use", 0 },
    {},
};
static const struct flag add_flags[] = {
    { "name", FLAG_VALUE, "NAME", "its name (default: the kind)", 0 },
    { "set", FLAG_MANY, "OPTION=VALUE", "an option of this kind", 0 },
    { "secret-file", FLAG_VALUE, "FILE", "the secret; '-' reads standard input", 0 },
    {},
};
static const struct flag set_flags[] = {
    { "set", FLAG_MANY, "OPTION=VALUE",
      "an option of this kind; an empty value goes back to the default", 0 },
    { "secret-file", FLAG_VALUE, "FILE", "the secret; '-' reads standard input", 0 },
    { "rank", FLAG_VALUE, "N", "whose values win: the lower number", 0 },
    {},
};
static const struct flag fields_flags[] = {
    { "samples", FLAG_SWITCH, NULL,
      "show values of at most 20 people and fill rates; nothing is stored", 0 },
    {},
};
static const struct flag import_flags[] = {
    { "draft", FLAG_SWITCH, NULL, "keep it as a draft; the active mapping stays", 0 },
    {},
};
static const struct flag sync_flags[] = {
    { "dry-run", FLAG_SWITCH, NULL, "make the plan, change nothing", 0 },
    { "review", FLAG_SWITCH, NULL, "hold the plan for a person", 0 },
    { "yes", FLAG_SWITCH, NULL, "overrule the guards a person may overrule", 0 },
    {},
};
static const struct flag plan_flags[] = {
    { "output", FLAG_VALUE, "FILE",
      "write the rows as NDJSON; delete lines to tick them out, then `muster apply FILE`", 'o' },
    {},
};
static const struct flag yes_flags[] = {
    { "yes", FLAG_SWITCH, NULL, "do it without further question", 0 },
    {},
};
static const struct flag runs_flags[] = {
    { "limit", FLAG_VALUE, "N", "at most so many (20)", 0 },
    {},
};
static const struct flag people_flags[] = {
    { "filter", FLAG_VALUE, "FILTER", "a SCIM filter, for example 'department eq \"Sales\"'", 0 },
    { "at", FLAG_VALUE, "DATE", "as it was at the end of that day, or at an instant", 0 },
    {},
};
static const struct flag pin_flags[] = {
    { "pin", FLAG_SWITCH, NULL, "an override: wins over every source until it is taken away", 0 },
    { "unpin", FLAG_SWITCH, NULL, "take the override away (give the attribute without a value)",
      0 },
    { "reason", FLAG_VALUE, "TEXT", "why; shown by `muster why`", 0 },
    { "until", FLAG_VALUE, "DATE", "when the override ends", 0 },
    {},
};
static const struct flag export_flags[] = {
    { "format", FLAG_VALUE, "csv|json|ndjson", "the form (ndjson)", 0 },
    {},
};
static const struct flag token_flags[] = {
    { "name", FLAG_VALUE, "NAME", "what people call it", 0 },
    { "source", FLAG_VALUE, "NAME",
      "the SCIM source a SCIM token belongs to (scim); made if it is not there", 0 },
    { "expires", FLAG_VALUE, "WHEN", "90d, 12h or 2027-01-31 (default: never)", 0 },
    {},
};
static const struct flag scim_log_flags[] = {
    { "failed", FLAG_SWITCH, NULL, "only what was answered with an error", 0 },
    { "since", FLAG_VALUE, "WHEN", "1h, 7d or 2026-11-21T04:00:00Z", 0 },
    { "limit", FLAG_VALUE, "N", "at most so many, the newest (100)", 0 },
    {},
};
static const struct flag replay_flags[] = {
    { "dry-run", FLAG_SWITCH, NULL, "say what would be answered now, change nothing", 0 },
    {},
};
static const struct flag attribute_flags[] = {
    { "type", FLAG_VALUE, "text|select|number|date|flag", "the type", 0 },
    { "label", FLAG_VALUE, "TEXT", "what people see (default: the name)", 0 },
    { "option", FLAG_MANY, "OPTION", "an option of a select", 0 },
    {},
};

const struct command cli_commands[] = {
#define CMD(name, function, args, least, most, flags, store, summary)                             \
    { name, args, least, most, flags, function, store, summary },
#include "cli/commands.def"
#undef CMD
    {},
};
