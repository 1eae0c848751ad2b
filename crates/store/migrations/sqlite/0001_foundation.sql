-- Times are whole microseconds since 1970 (UTC), money is whole minor units, booleans are 0 or 1.
-- What code must never get wrong is refused here too: one live attempt, legal transitions, final states, exact money.

create table program (
    id             text primary key,
    name           text not null,
    program_id     text not null,
    environment    text not null,
    dialect        text not null check (dialect in ('v2', 'v4')),
    username       text not null,
    sealed         blob not null,            -- the API password, encrypted under the master key, bound to this row
    return_url     text,
    callback_token text not null unique,
    version        integer not null,
    created_at     integer not null,
    updated_at     integer not null,
    unique (environment, program_id)
) strict;

-- What probes have proven or refuted about Payoneer; what is missing counts as not proven.
create table capability (
    program    text not null references program (id),
    capability text not null,
    proven     integer not null check (proven in (0, 1)),
    found_at   integer not null,
    evidence   text not null,                -- the exchanges that show it, a JSON array without credentials
    primary key (program, capability)
) strict, without rowid;

-- Every answer to every probe.
create table probe (
    program  text not null references program (id),
    asked_at integer not null,
    probe    text not null,
    reaction text not null check (reaction in ('accepted', 'refused', 'unclear')),
    exchange text not null,
    primary key (program, asked_at, probe)
) strict, without rowid;

create table api_key (
    id           text primary key,
    program      text not null references program (id),
    name         text not null,
    scopes       text not null,
    hash         blob not null,
    origin       text not null,              -- the key it goes back to; keys of one origin are one person's
    created_at   integer not null,
    expires_at   integer,
    last_used_at integer,
    revoked_at   integer
) strict;
create index api_key_program on api_key (program, id);

create table mandate (
    id               text primary key,
    program          text not null references program (id),
    payee_id         text not null,
    state            text not null
        check (state in ('pending', 'in_review', 'active', 'suspended', 'declined', 'revoked', 'expired')),
    revoked_by       text check (revoked_by in ('merchant', 'payoneer')),
    activated_at     integer,
    last_verified_at integer,
    version          integer not null,
    created_at       integer not null,
    updated_at       integer not null,
    check ((state = 'revoked') = (revoked_by is not null))
) strict;
create unique index mandate_payee on mandate (program, payee_id);
create index mandate_page on mandate (program, id);

create table authorization_session (
    id         text primary key,
    program    text not null references program (id),
    payee_id   text not null,
    token      text not null,
    url        text not null,
    return_url text not null,
    state      text not null check (state in ('open', 'completed', 'expired', 'canceled', 'failed')),
    version    integer not null,
    expires_at integer not null,
    created_at integer not null,
    updated_at integer not null
) strict;
create unique index authorization_session_token on authorization_session (token);
create index authorization_session_open on authorization_session (program, payee_id) where state = 'open';

-- What an Idempotency-Key was first used for. Kept for ever, because a key that lapses can charge twice.
create table idempotency (
    program     text not null references program (id),
    key         text not null,
    operation   text not null check (operation in ('charge', 'refund', 'payout')),
    fingerprint blob not null,
    subject     text not null,
    created_at  integer not null,
    primary key (program, key)
) strict, without rowid;

create table charge (
    id                  text primary key,
    program             text not null references program (id),
    payee_id            text not null,
    amount_minor        integer not null check (amount_minor > 0),
    currency            text not null check (length(currency) = 3),
    description         text not null,
    client_reference_id text,
    reference           text not null,
    idempotency_key     text not null,
    purpose             text,
    metadata            text,
    state               text not null check (state in ('created', 'processing', 'requires_action', 'succeeded',
        'failed', 'canceled', 'refund_pending', 'refunded')),
    unknown             integer not null check (unknown in (0, 1) and (unknown = 0 or state = 'processing')),
    failure             text,
    refund              text,
    attention_since     integer, -- unknown for so long that a person must look
    version             integer not null,
    created_at          integer not null,
    updated_at          integer not null
) strict;
-- Payoneer compared references without regard to case in v1; a reference is therefore taken once in any case.
create unique index charge_reference on charge (program, lower(reference));
create unique index charge_idempotency on charge (program, idempotency_key);
create index charge_page on charge (program, id);
create index charge_payee on charge (program, payee_id, id);
create index charge_state on charge (program, state, unknown, id);
create index charge_attention on charge (program, id) where attention_since is not null;
create unique index charge_purpose on charge (program, purpose)
    where purpose is not null and state in ('processing', 'requires_action');

create table refund (
    id              text primary key,
    program         text not null references program (id),
    charge          text not null references charge (id),
    amount_minor    integer not null check (amount_minor > 0),
    currency        text not null check (length(currency) = 3),
    idempotency_key text not null,
    state           text not null check (state in ('processing', 'succeeded', 'failed')),
    unknown         integer not null check (unknown in (0, 1) and (unknown = 0 or state = 'processing')),
    failure         text,
    attention_since integer, -- unknown for so long that a person must look
    version         integer not null,
    created_at      integer not null,
    updated_at      integer not null
) strict;
create unique index refund_live on refund (charge) where state <> 'failed';
create index refund_page on refund (program, id);
create index refund_attention on refund (program, id) where attention_since is not null;

create table payout (
    id                  text primary key,
    program             text not null references program (id),
    payee_id            text not null,
    amount_minor        integer not null check (amount_minor > 0),
    currency            text not null check (length(currency) = 3),
    description         text not null,
    client_reference_id text,
    reference           text not null,
    idempotency_key     text not null,
    provider_payout_id  text,
    state               text not null check (state in ('created', 'processing', 'pending', 'paid', 'failed', 'canceled')),
    unknown             integer not null check (unknown in (0, 1) and (unknown = 0 or state = 'processing')),
    failure             text,
    looks               integer not null,
    attention_since     integer, -- unknown for so long that a person must look
    version             integer not null,
    created_at          integer not null,
    updated_at          integer not null
) strict;
create unique index payout_reference on payout (program, lower(reference));
create unique index payout_idempotency on payout (program, idempotency_key);
create index payout_page on payout (program, id);
create index payout_attention on payout (program, id) where attention_since is not null;
create index payout_payee on payout (program, payee_id, id);
create index payout_state on payout (program, state, unknown, id);

create table attempt (
    id         text primary key,
    program    text not null references program (id),
    subject    text not null,
    kind       text not null check (kind in ('charge', 'refund', 'payout', 'payout_cancel')),
    number     integer not null,
    reference  text not null,
    body       blob not null,
    state      text not null,
    epoch      integer not null,
    owner      text not null,
    deadline   integer not null,
    sent_at    integer not null,
    settled_at integer,
    evidence   text check (evidence in ('reply', 'status_query', 'transport', 'operator')),
    doubt      text,
    seen       text,
    failure    text,
    exchange   text,
    looks      integer not null,
    resends    integer not null check (resends between 0 and 3),
    resent_at  integer,
    looked_at  integer,
    unknown_since   integer,
    attention_since integer,
    trace           text,                    -- the trace context of the request it serves
    check ((settled_at is null) = (state in ('planned', 'sending', 'challenged', 'unknown'))),
    unique (subject, kind, number)
) strict;
create unique index attempt_live on attempt (subject, kind) where state not in ('declined', 'expired', 'never_sent');
create index attempt_open on attempt (state, owner) where state in ('planned', 'sending', 'challenged', 'unknown');

-- The transition table of domain::attempt, enforced once more where no code can walk around it.
create table attempt_step (
    from_state text not null,
    to_state   text not null,
    primary key (from_state, to_state)
) strict, without rowid;
insert into attempt_step (from_state, to_state) values
    ('planned', 'sending'), ('planned', 'expired'),
    ('sending', 'succeeded'), ('sending', 'declined'), ('sending', 'challenged'), ('sending', 'never_sent'),
    ('sending', 'unknown'),
    ('challenged', 'sending'), ('challenged', 'succeeded'), ('challenged', 'declined'), ('challenged', 'unknown'),
    ('unknown', 'unknown'), ('unknown', 'succeeded'), ('unknown', 'declined'), ('unknown', 'expired');

create trigger attempt_legal before update of state on attempt
when not exists (select 1 from attempt_step where from_state = old.state and to_state = new.state)
begin
    select raise(abort, 'illegal attempt transition');
end;
create trigger attempt_final before update on attempt
when old.state in ('succeeded', 'declined', 'never_sent', 'expired')
begin
    select raise(abort, 'a settled attempt never changes');
end;
create trigger attempt_fixed before update of program, subject, kind, number, reference, body on attempt
when old.program <> new.program or old.subject <> new.subject or old.kind <> new.kind or old.number <> new.number
    or old.reference <> new.reference or old.body <> new.body
begin
    select raise(abort, 'what was sent never changes');
end;
create trigger attempt_kept before delete on attempt
begin
    select raise(abort, 'attempts are kept');
end;
create trigger charge_fixed before update of program, payee_id, amount_minor, currency, reference, idempotency_key on charge
when old.program <> new.program or old.payee_id <> new.payee_id or old.amount_minor <> new.amount_minor
    or old.currency <> new.currency or old.reference <> new.reference or old.idempotency_key <> new.idempotency_key
begin
    select raise(abort, 'what was asked for never changes');
end;
create trigger charge_kept before delete on charge
begin
    select raise(abort, 'charges are kept');
end;
create trigger payout_fixed before update of program, payee_id, amount_minor, currency, reference, idempotency_key on payout
when old.program <> new.program or old.payee_id <> new.payee_id or old.amount_minor <> new.amount_minor
    or old.currency <> new.currency or old.reference <> new.reference or old.idempotency_key <> new.idempotency_key
begin
    select raise(abort, 'what was asked for never changes');
end;
create trigger payout_kept before delete on payout
begin
    select raise(abort, 'payouts are kept');
end;
create trigger idempotency_kept before delete on idempotency
begin
    select raise(abort, 'idempotency keys are kept');
end;

create table checkout_session (
    id                  text primary key,
    program             text not null references program (id),
    payee_id            text not null,
    token               text not null,
    amount_minor        integer not null check (amount_minor > 0),
    currency            text not null check (length(currency) = 3),
    description         text not null,
    client_reference_id text,
    success_url         text not null,
    cancel_url          text,
    language            text check (language in ('en', 'zh')),
    tries               integer not null,
    charge              text references charge (id),
    state               text not null check (state in ('open', 'complete', 'expired')),
    version             integer not null,
    expires_at          integer not null,
    created_at          integer not null,
    updated_at          integer not null
) strict;
create unique index checkout_session_token on checkout_session (token);
create index checkout_session_charge on checkout_session (charge) where charge is not null;

create table event (
    sequence   integer primary key autoincrement,
    id         text not null unique,
    program    text not null references program (id),
    kind       text not null,
    subject    text not null,
    version    integer not null,
    data       text not null,
    evidence   text check (evidence in ('reply', 'status_query', 'transport', 'operator')),
    attempt    text,
    created_at integer not null
) strict;
create index event_program on event (program, sequence);
create index event_subject on event (subject, sequence);
create trigger event_fixed before update on event
begin
    select raise(abort, 'events never change');
end;

-- Events in an order that no later one can come before. With one writer, all of them; see the PostgreSQL twin.
create view settled_event as
    select sequence, id, program, kind, subject, version, data, evidence, attempt, created_at from event;

-- Where a merchant wants events. The row is also the lease on the endpoint's queue: who holds it sends to it.
create table webhook_endpoint (
    id               text primary key,
    program          text not null references program (id),
    url              text not null,
    description      text not null,
    kinds            text not null,          -- words, each between two spaces
    header_names     text not null,          -- words
    headers          blob,                   -- names and values, sealed
    secret           blob not null,          -- sealed
    old_secret       blob,                   -- sealed
    old_secret_until integer,
    state            text not null check (state in ('enabled', 'disabled', 'deleted')),
    reason           text check (reason in ('merchant', 'gone', 'failing')),
    failures         integer not null,
    failing_since    integer,
    rests_until      integer not null,
    lease_until      integer not null,
    owner            text,
    epoch            integer not null,
    version          integer not null,
    created_at       integer not null,
    updated_at       integer not null,
    check ((state = 'disabled') = (reason is not null))
) strict;
create index webhook_endpoint_page on webhook_endpoint (program, id);
create index webhook_endpoint_turn on webhook_endpoint (lease_until) where state = 'enabled';

-- One event on its way to one endpoint, written in the commit of the event.
create table delivery (
    id         text primary key,             -- of the event and the endpoint, so that there can be only one
    program    text not null references program (id),
    endpoint   text not null references webhook_endpoint (id),
    event      text not null references event (id),
    sequence   integer not null,
    state      text not null check (state in ('pending', 'delivered', 'failed', 'canceled')),
    tries      integer not null,
    failures   integer not null,
    begun_at   integer not null,
    due_at     integer not null,
    created_at integer not null,
    updated_at integer not null
) strict;
create index delivery_due on delivery (endpoint, due_at) where state = 'pending';
create index delivery_failed on delivery (endpoint, id) where state = 'failed';
create index delivery_page on delivery (program, id);
create index delivery_endpoint on delivery (endpoint, id);

-- Every request that was made for a delivery.
create table delivery_try (
    delivery text not null references delivery (id),
    number   integer not null,
    at       integer not null,
    took     integer not null,
    status   integer,
    trouble  text check (trouble in ('address_refused', 'name_not_found', 'not_connected', 'tls_failed', 'timeout',
        'broken')),
    said     text not null,
    primary key (delivery, number),
    check ((status is null) = (trouble is not null))
) strict, without rowid;

-- One row is one transfer from one account to another, so that every entry balances by being written at all.
create table journal (
    sequence     integer primary key autoincrement,
    id           text not null unique,
    program      text not null references program (id),
    subject      text not null,
    debit        text not null,
    credit       text not null check (credit <> debit),
    amount_minor integer not null check (amount_minor > 0),
    currency     text not null check (length(currency) = 3),
    created_at   integer not null
) strict;
create index journal_subject on journal (subject, sequence);
create index journal_program on journal (program, sequence);
create trigger journal_fixed before update on journal
begin
    select raise(abort, 'the journal never changes');
end;
create trigger journal_kept before delete on journal
begin
    select raise(abort, 'the journal is kept');
end;

create table callback (
    id               text primary key,
    program          text not null references program (id),
    digest           blob not null,
    method           text not null,
    event            text,
    query            text not null,
    body             blob not null,
    times            integer not null,
    state            text not null check (state in ('received', 'digested', 'ignored')),
    interpretation   text,
    received_at      integer not null,
    last_received_at integer not null
) strict;
create unique index callback_digest on callback (program, digest);
create index callback_page on callback (program, id);

-- Work that must follow a change, written in the commit of the change. A leased job is one whose lease_until is ahead.
create table job (
    kind        text not null,
    subject     text not null,
    due_at      integer not null,
    lease_until integer not null,
    owner       text,
    epoch       integer not null,
    wakes       integer not null,
    runs        integer not null,
    called      integer not null check (called in (0, 1)), -- whether a callback asked for it
    last_error  text,
    created_at  integer not null,
    primary key (kind, subject)
) strict, without rowid;
create index job_due on job (due_at);

-- The processes that serve from the database. Whoever was not heard of for long holds nothing any more.
create table node (
    id         text primary key,
    version    text not null,
    started_at integer not null,
    last_seen  integer not null
) strict;

-- How far the database has come: one row for each durable commit, each hash over the one before it and all that was
-- written. Only the latest are kept, for comparison with the head that was seen last.
create table head (
    sequence integer primary key,
    hash     blob not null check (length(hash) = 32)
) strict;

-- Each time the database was taken for one that went back in time. While one is not left, nothing is sent.
create table quarantine (
    sequence      integer primary key autoincrement,
    cause         text not null check (cause in ('lower', 'other_history', 'too_long_ago', 'no_head_file',
        'unreadable_head_file')),
    head_sequence integer not null,
    seen_sequence integer,
    seen_hash     blob,
    left_by       text,
    left_reason   text,
    left_at       integer,
    check ((left_at is null) = (left_by is null) and (left_at is null) = (left_reason is null))
) strict;
create index quarantine_open on quarantine (left_at);
create trigger quarantine_final before update on quarantine
when old.left_at is not null
begin
    select raise(abort, 'a quarantine is left once');
end;
create trigger quarantine_kept before delete on quarantine
begin
    select raise(abort, 'quarantines are kept');
end;

-- What operators say became of an attempt that stays unknown. At most one proposal is open, and at most one settled it.
create table settlement (
    id              text primary key,
    program         text not null references program (id),
    attempt         text not null references attempt (id),
    subject         text not null,
    verdict         text not null check (verdict in ('succeeded', 'failed')),
    state           text not null check (state in ('proposed', 'settled', 'withdrawn', 'overtaken')),
    proposed_by     text not null,
    proposed_origin text not null,
    reason          text not null,
    evidence        text not null,
    proposed_at     integer not null,
    answered_by     text,
    answered_origin text,
    answer_reason   text,
    answer_evidence text,
    answered_at     integer,
    closed_at       integer,
    check ((state = 'proposed') = (closed_at is null)),
    check ((answered_by is null) = (answered_at is null) and (answered_by is null) = (answered_origin is null)
        and (answered_by is null) = (answer_reason is null))
) strict;
create unique index settlement_open on settlement (attempt) where state = 'proposed';
create unique index settlement_made on settlement (attempt) where state = 'settled';
create index settlement_subject on settlement (subject, id);
create trigger settlement_final before update on settlement
when old.state <> 'proposed' or old.id <> new.id or old.program <> new.program or old.attempt <> new.attempt
    or old.subject <> new.subject or old.verdict <> new.verdict or old.proposed_by <> new.proposed_by
    or old.proposed_origin <> new.proposed_origin or old.reason <> new.reason or old.evidence <> new.evidence
    or old.proposed_at <> new.proposed_at
begin
    select raise(abort, 'what an operator said never changes');
end;
create trigger settlement_kept before delete on settlement
begin
    select raise(abort, 'settlements are kept');
end;
create trigger attempt_by_operator before update of evidence on attempt
when new.evidence = 'operator'
    and not exists (select 1 from settlement where attempt = old.id and state = 'settled')
begin
    select raise(abort, 'an attempt is settled by operators only where their words are written down');
end;

-- Every administrative change, in the commit of the change. Nothing secret is in it.
create table audit (
    sequence integer primary key autoincrement,
    id       text not null unique,
    program  text references program (id),   -- null: the whole installation
    actor    text not null,
    action   text not null,
    subject  text not null,
    reason   text,
    was      text,                           -- what matters of the thing before and afterwards, JSON objects
    became   text,
    at       integer not null
) strict;
create index audit_page on audit (program, sequence);
create trigger audit_fixed before update on audit
begin
    select raise(abort, 'the audit log never changes');
end;
create trigger audit_kept before delete on audit
begin
    select raise(abort, 'the audit log is kept');
end;
