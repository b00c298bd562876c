-- Tokens of programs, and the log of what programs with a SCIM token asked.

CREATE TABLE token (
    id         {id},
    workspace  BIGINT NOT NULL,
    name       {text} NOT NULL,
    class      {text} NOT NULL,             -- scim, content, admin
    source     BIGINT,                      -- whose a SCIM token is
    hash       {text} NOT NULL,             -- keyed, of the whole text: the text itself is nowhere
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    used_at    BIGINT                       -- to the minute
    {key id}                                -- it is the token that says which workspace is meant
);
CREATE UNIQUE INDEX token_name ON token (workspace, name);

CREATE TABLE scim_log (                     -- blocks of lines: no request costs a write of its own
    id        {id},                         -- of its first line
    workspace BIGINT NOT NULL,
    upto      BIGINT NOT NULL,              -- lines of this workspace up to here, dropped ones too
    from_at   BIGINT NOT NULL,
    to_at     BIGINT NOT NULL,
    lines     {text} NOT NULL               -- NDJSON
    {key workspace, id}
);
CREATE INDEX scim_log_upto ON scim_log (workspace, upto);

CREATE TABLE scim_body (                    -- recorded requests, for a day
    id        {id},                         -- of the line
    workspace BIGINT NOT NULL,
    at        BIGINT NOT NULL,
    sealed    {text} NOT NULL
    {key workspace, id}
);
CREATE INDEX scim_body_at ON scim_body (workspace, at);
