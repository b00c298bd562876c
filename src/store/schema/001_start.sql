-- The first schema. Both engines read this text: {id} is the row's own id (SQLite: the rowid itself),
-- {key a, b} the primary key where PostgreSQL needs one that starts with the workspace, {text} is
-- text that compares by bytes. Ids are made by the program; times are milliseconds since 1970.

CREATE TABLE workspace (
    id               {id},
    name             {text} NOT NULL,
    settings         {text} NOT NULL,       -- JSON of what `muster set` knows
    managers_version BIGINT NOT NULL,       -- touched by every manager change
    created_at       BIGINT NOT NULL
    {key id}
);
CREATE UNIQUE INDEX workspace_name ON workspace (name);

CREATE TABLE person (
    id          {id},
    workspace   BIGINT NOT NULL,
    state       BIGINT NOT NULL,            -- enum person_state
    manager     BIGINT,
    version     BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    flags       BIGINT NOT NULL,            -- protected, withdrawn
    vals        {text} NOT NULL             -- JSON {attribute: canonical text} of all other values
    {key workspace, id}
);
CREATE INDEX person_manager ON person (workspace, manager);
CREATE INDEX person_state ON person (workspace, state);

CREATE TABLE person_key (                   -- every e-mail and user name, and the anchor: nobody shares one
    workspace BIGINT NOT NULL,
    kind      BIGINT NOT NULL,              -- enum key_kind
    folded    {text} NOT NULL,
    person    BIGINT NOT NULL,
    PRIMARY KEY (workspace, kind, folded)
) {without_rowid};
CREATE INDEX person_key_person ON person_key (workspace, person);

CREATE TABLE team (
    id         {id},
    workspace  BIGINT NOT NULL,
    name       {text} NOT NULL,             -- as spelled, outer spaces included
    kind       BIGINT NOT NULL,             -- 0 manual, 1 synced
    source     BIGINT,                      -- the source that made it
    source_key {text},                      -- its id there: a rename keeps the team
    merged     BIGINT,                      -- the team this name now means
    version    BIGINT NOT NULL
    {key workspace, id}
);
CREATE UNIQUE INDEX team_name ON team (workspace, name);

CREATE TABLE membership (
    workspace BIGINT NOT NULL,
    person    BIGINT NOT NULL,
    team      BIGINT NOT NULL,
    owner     BIGINT NOT NULL,              -- source, or 0: an admin's
    PRIMARY KEY (workspace, person, team, owner)
) {without_rowid};
CREATE INDEX membership_team ON membership (workspace, team);

CREATE TABLE level (
    id        {id},
    workspace BIGINT NOT NULL,
    name      {text} NOT NULL,
    place     BIGINT NOT NULL
    {key workspace, id}
);
CREATE UNIQUE INDEX level_name ON level (workspace, name);

CREATE TABLE attribute (                    -- made by an admin
    id        {id},
    workspace BIGINT NOT NULL,
    name      {text} NOT NULL,
    label     {text} NOT NULL,
    type      {text} NOT NULL,
    choices   {text} NOT NULL               -- JSON list: the options of a select
    {key workspace, id}
);
CREATE UNIQUE INDEX attribute_name ON attribute (workspace, name);

CREATE TABLE waiting (                      -- references whose person is not there yet
    workspace BIGINT NOT NULL,
    source    BIGINT NOT NULL,              -- whose record id is wanted; 0: an e-mail, user name or anchor
    wanted    {text} NOT NULL,
    person    BIGINT NOT NULL,
    attribute {text} NOT NULL,
    PRIMARY KEY (workspace, source, wanted, person, attribute)
) {without_rowid};
CREATE INDEX waiting_person ON waiting (workspace, person);

CREATE TABLE source (
    id         {id},
    workspace  BIGINT NOT NULL,
    name       {text} NOT NULL,
    kind       {text} NOT NULL,
    place      BIGINT NOT NULL,             -- rank: the lower wins
    options    {text} NOT NULL,             -- JSON
    secret     {text},                      -- sealed
    mapping    {text} NOT NULL,             -- the active mapping file; '' = the default of the kind
    draft      {text},
    revision   BIGINT NOT NULL,             -- raised by everything that makes old digests worthless
    paused     BIGINT NOT NULL,
    company    {text},                      -- the company whose data this is
    seen       {text} NOT NULL,             -- JSON: known status values, fill rates of the last applied run
    trouble    {text},                      -- open incident: what is wrong and what to do
    created_at BIGINT NOT NULL
    {key workspace, id}
);
CREATE UNIQUE INDEX source_name ON source (workspace, name);

CREATE TABLE link (                         -- record of a source -> person, or why there is none
    id        {id},
    workspace BIGINT NOT NULL,
    source    BIGINT NOT NULL,
    record    {text} NOT NULL,
    person    BIGINT,
    reason    BIGINT NOT NULL,              -- enum link_reason when there is no person
    digest    BIGINT NOT NULL,              -- 0: not settled, look again
    missing   BIGINT NOT NULL,              -- complete runs without it
    mark      {text}                        -- keyed hash of the e-mail when there is no person
    {key workspace, id}
);
CREATE UNIQUE INDEX link_record ON link (workspace, source, record);
CREATE INDEX link_person ON link (workspace, person);

CREATE TABLE claim (                        -- what the source last said about its record
    id        {id},                         -- the link's
    workspace BIGINT NOT NULL,
    said      {text} NOT NULL               -- JSON {attribute: text, "status": …}
    {key workspace, id}
);

CREATE TABLE pinned (                       -- overrides: values an admin pinned
    workspace BIGINT NOT NULL,
    person    BIGINT NOT NULL,
    attribute {text} NOT NULL,
    value     {text},
    author    {text} NOT NULL,
    reason    {text} NOT NULL,
    expires   BIGINT,
    PRIMARY KEY (workspace, person, attribute)
) {without_rowid};

CREATE TABLE held_back (                    -- undone, refused or unticked: not planned while HR says this
    workspace BIGINT NOT NULL,
    source    BIGINT NOT NULL,
    record    {text} NOT NULL,
    attribute {text} NOT NULL,              -- "state" for a whole create or deactivation
    said      {text},                       -- the HR value it was about
    person    BIGINT NOT NULL,
    run       BIGINT NOT NULL,
    since     BIGINT NOT NULL,
    PRIMARY KEY (workspace, source, record, attribute)
) {without_rowid};
CREATE INDEX held_back_person ON held_back (workspace, person);

CREATE TABLE run (
    id           {id},
    workspace    BIGINT NOT NULL,
    source       BIGINT,
    kind         {text} NOT NULL,           -- sync, undo, edit, scim
    state        {text} NOT NULL,
    dry          BIGINT NOT NULL,
    actor        {text} NOT NULL,
    started_at   BIGINT NOT NULL,
    finished_at  BIGINT,
    rows         BIGINT NOT NULL,
    applied_upto BIGINT NOT NULL,
    basis        BIGINT NOT NULL,           -- managers_version when it was planned
    undoes       BIGINT,                    -- the run an undo is about
    resumed      BIGINT,                    -- the run this one finished first
    tally        {text} NOT NULL,           -- JSON
    findings     {text} NOT NULL,           -- JSON
    guards       {text} NOT NULL,           -- JSON: those that tripped
    outcome      {text} NOT NULL,           -- JSON: what is to be remembered once it is applied
    error        {text}
    {key workspace, id}
);
CREATE INDEX run_source ON run (workspace, source, id);

CREATE TABLE run_row (                      -- plan, history and feed in one
    workspace BIGINT NOT NULL,
    run       BIGINT NOT NULL,
    seq       BIGINT NOT NULL,
    person    BIGINT,
    kind      BIGINT NOT NULL,              -- enum row_kind
    record    {text},
    digest    BIGINT NOT NULL,
    changes   {text} NOT NULL,              -- JSON {attribute: [before, after]}
    said      {text},                       -- JSON: claims that are not simply the after values
    reason    {text},
    set_aside BIGINT NOT NULL,              -- enum set_aside; 0: goes ahead
    PRIMARY KEY (workspace, run, seq)
) {without_rowid};
CREATE INDEX run_row_person ON run_row (workspace, person);

CREATE TABLE job (
    id        {id},
    workspace BIGINT NOT NULL,
    kind      {text} NOT NULL,
    ref       BIGINT NOT NULL,
    due_at    BIGINT,
    attempts  BIGINT NOT NULL,
    host      {text},
    pid       BIGINT,
    started   {text},                       -- of the process, so that a reused pid is not taken for it
    taken_at  BIGINT,
    until     BIGINT NOT NULL,
    epoch     BIGINT NOT NULL
    {key workspace, id}
);
CREATE UNIQUE INDEX job_ref ON job (workspace, kind, ref);
CREATE INDEX job_due ON job (due_at);

CREATE TABLE process (                      -- process numbers for ids, leased (PostgreSQL only)
    number  BIGINT NOT NULL PRIMARY KEY,
    host    {text} NOT NULL,
    pid     BIGINT NOT NULL,
    until   BIGINT NOT NULL
);
