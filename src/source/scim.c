/* scim.c — inbound SCIM: a source whose client sends the changes. It is never asked; docs/sources/scim.md. */
#include "source/source.h"

static const struct option options[] = {
    { "teams", OPT_CHOICES, "department,division,cost_center",
      "Attributes whose values make teams: some of department, division, cost_center, "
      "organization, location, user_type; or none",
      false, "department,division,cost_center,organization,location,user_type,none" },
    { "guard", OPT_CHOICE, "incident",
      "When more than 20 % and more than 5 are deactivated within an hour: incident (tell) or "
      "refuse (further ones)",
      false, "incident,refuse" },
    {},
};

static const struct default_row mapping[] = { {} };

const struct source_type source_scim = {
    .name = "scim",
    .label = "SCIM",
    .options = options,
    .mapping = mapping,
};
