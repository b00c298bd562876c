-- The SCIM server: groups of a source, and the look-ups its requests need.

CREATE TABLE team_group (                   -- what a source calls a group; its members are memberships it owns
    id          {id},
    workspace   BIGINT NOT NULL,
    source      BIGINT NOT NULL,
    team        BIGINT NOT NULL,            -- several groups may be one team
    external_id {text},
    name        {text} NOT NULL,            -- as the source spells it
    folded      {text} NOT NULL,            -- as it is compared
    version     BIGINT NOT NULL,            -- of name, external id and members
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
    {key workspace, id}
);
CREATE UNIQUE INDEX team_group_name ON team_group (workspace, source, folded);
CREATE UNIQUE INDEX team_group_external ON team_group (workspace, source, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX team_group_page ON team_group (workspace, source, id);
CREATE INDEX team_group_team ON team_group (workspace, team);

-- A group's members are read in the order of their ids, and a team's manual ones are looked for.
DROP INDEX membership_team;
CREATE INDEX membership_team ON membership (workspace, team, owner, person);

-- What a source calls somebody is read with them: from the index, without the link.
DROP INDEX link_person;
CREATE INDEX link_person ON link (workspace, person, source, reason, record);

-- People whom a source deleted and must not see any more: 4 is LINK_DELETED. With `reason` inside, or SQLite takes
-- the index of all links instead.
CREATE INDEX link_hidden ON link (workspace, source, reason, person) WHERE reason = 4;

CREATE INDEX person_updated ON person (workspace, updated_at);

-- Pages of people in the order of their ids, and how many there are: 4 is STATE_WITHDRAWN.
CREATE INDEX person_page ON person (workspace, id, state) WHERE state <> 4;
