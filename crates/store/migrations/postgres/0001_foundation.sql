-- Times are whole microseconds since 1970 (UTC), money is whole minor units, booleans are 0 or 1.
-- What code must never get wrong is refused here too: one live attempt, legal transitions, final states, exact money.
-- The twin of sqlite/0001_foundation.sql; a test compares them. Text is compared byte by byte as there, whatever the
-- database's own collation, since ids and cursors rely on it.

-- Refuses what a trigger watches for, with the trigger's own words.
create function refuse() returns trigger language plpgsql as $$
begin
    raise exception '%', tg_argv[0] using errcode = 'restrict_violation';
end $$;

create table program (
    id             text collate "C" primary key,
    name           text collate "C" not null,
    program_id     text collate "C" not null,
    environment    text collate "C" not null,
    dialect        text collate "C" not null check (dialect in ('v2', 'v4')),
    username       text collate "C" not null,
    sealed         bytea not null,            -- the API password, encrypted under the master key, bound to this row
    return_url     text collate "C",
    callback_token text collate "C" not null unique,
    version        bigint not null,
    created_at     bigint not null,
    updated_at     bigint not null,
    unique (environment, program_id)
);

-- What probes have proven or refuted about Payoneer; what is missing counts as not proven.
create table capability (
    program    text collate "C" not null references program (id),
    capability text collate "C" not null,
    proven     bigint not null check (proven in (0, 1)),
    found_at   bigint not null,
    evidence   text collate "C" not null,                -- the exchanges that show it, a JSON array without credentials
    primary key (program, capability)
);

-- Every answer to every probe.
create table probe (
    program  text collate "C" not null references program (id),
    asked_at bigint not null,
    probe    text collate "C" not null,
    reaction text collate "C" not null check (reaction in ('accepted', 'refused', 'unclear')),
    exchange text collate "C" not null,
    primary key (program, asked_at, probe)
);

create table api_key (
    id           text collate "C" primary key,
    program      text collate "C" not null references program (id),
    name         text collate "C" not null,
    scopes       text collate "C" not null,
    hash         bytea not null,
    origin       text collate "C" not null,              -- the key it goes back to; keys of one origin are one person's
    created_at   bigint not null,
    expires_at   bigint,
    last_used_at bigint,
    revoked_at   bigint
);
create index api_key_program on api_key (program, id);

create table mandate (
    id               text collate "C" primary key,
    program          text collate "C" not null references program (id),
    payee_id         text collate "C" not null,
    state            text collate "C" not null
        check (state in ('pending', 'in_review', 'active', 'suspended', 'declined', 'revoked', 'expired')),
    revoked_by       text collate "C" check (revoked_by in ('merchant', 'payoneer')),
    activated_at     bigint,
    last_verified_at bigint,
    version          bigint not null,
    created_at       bigint not null,
    updated_at       bigint not null,
    check ((state = 'revoked') = (revoked_by is not null))
);
create unique index mandate_payee on mandate (program, payee_id);
create index mandate_page on mandate (program, id);

create table authorization_session (
    id         text collate "C" primary key,
    program    text collate "C" not null references program (id),
    payee_id   text collate "C" not null,
    token      text collate "C" not null,
    url        text collate "C" not null,
    return_url text collate "C" not null,
    state      text collate "C" not null check (state in ('open', 'completed', 'expired', 'canceled', 'failed')),
    version    bigint not null,
    expires_at bigint not null,
    created_at bigint not null,
    updated_at bigint not null
);
create unique index authorization_session_token on authorization_session (token);
create index authorization_session_open on authorization_session (program, payee_id) where state = 'open';

-- What an Idempotency-Key was first used for. Kept for ever, because a key that lapses can charge twice.
create table idempotency (
    program     text collate "C" not null references program (id),
    key         text collate "C" not null,
    operation   text collate "C" not null check (operation in ('charge', 'refund', 'payout')),
    fingerprint bytea not null,
    subject     text collate "C" not null,
    created_at  bigint not null,
    primary key (program, key)
);

create table charge (
    id                  text collate "C" primary key,
    program             text collate "C" not null references program (id),
    payee_id            text collate "C" not null,
    amount_minor        bigint not null check (amount_minor > 0),
    currency            text collate "C" not null check (length(currency) = 3),
    description         text collate "C" not null,
    client_reference_id text collate "C",
    reference           text collate "C" not null,
    idempotency_key     text collate "C" not null,
    purpose             text collate "C",
    metadata            text collate "C",
    state               text collate "C" not null check (state in ('created', 'processing', 'requires_action', 'succeeded',
        'failed', 'canceled', 'refund_pending', 'refunded')),
    unknown             bigint not null check (unknown in (0, 1) and (unknown = 0 or state = 'processing')),
    failure             text collate "C",
    refund              text collate "C",
    attention_since     bigint, -- unknown for so long that a person must look
    version             bigint not null,
    created_at          bigint not null,
    updated_at          bigint not null
);
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
    id              text collate "C" primary key,
    program         text collate "C" not null references program (id),
    charge          text collate "C" not null references charge (id),
    amount_minor    bigint not null check (amount_minor > 0),
    currency        text collate "C" not null check (length(currency) = 3),
    idempotency_key text collate "C" not null,
    state           text collate "C" not null check (state in ('processing', 'succeeded', 'failed')),
    unknown         bigint not null check (unknown in (0, 1) and (unknown = 0 or state = 'processing')),
    failure         text collate "C",
    attention_since bigint, -- unknown for so long that a person must look
    version         bigint not null,
    created_at      bigint not null,
    updated_at      bigint not null
);
create unique index refund_live on refund (charge) where state <> 'failed';
create index refund_page on refund (program, id);
create index refund_attention on refund (program, id) where attention_since is not null;

create table payout (
    id                  text collate "C" primary key,
    program             text collate "C" not null references program (id),
    payee_id            text collate "C" not null,
    amount_minor        bigint not null check (amount_minor > 0),
    currency            text collate "C" not null check (length(currency) = 3),
    description         text collate "C" not null,
    client_reference_id text collate "C",
    reference           text collate "C" not null,
    idempotency_key     text collate "C" not null,
    provider_payout_id  text collate "C",
    state               text collate "C" not null check (state in ('created', 'processing', 'pending', 'paid', 'failed', 'canceled')),
    unknown             bigint not null check (unknown in (0, 1) and (unknown = 0 or state = 'processing')),
    failure             text collate "C",
    looks               bigint not null,
    attention_since     bigint, -- unknown for so long that a person must look
    version             bigint not null,
    created_at          bigint not null,
    updated_at          bigint not null
);
create unique index payout_reference on payout (program, lower(reference));
create unique index payout_idempotency on payout (program, idempotency_key);
create index payout_page on payout (program, id);
create index payout_attention on payout (program, id) where attention_since is not null;
create index payout_payee on payout (program, payee_id, id);
create index payout_state on payout (program, state, unknown, id);

create table attempt (
    id         text collate "C" primary key,
    program    text collate "C" not null references program (id),
    subject    text collate "C" not null,
    kind       text collate "C" not null check (kind in ('charge', 'refund', 'payout', 'payout_cancel')),
    number     bigint not null,
    reference  text collate "C" not null,
    body       bytea not null,
    state      text collate "C" not null,
    epoch      bigint not null,
    owner      text collate "C" not null,
    deadline   bigint not null,
    sent_at    bigint not null,
    settled_at bigint,
    evidence   text collate "C" check (evidence in ('reply', 'status_query', 'transport', 'operator')),
    doubt      text collate "C",
    seen       text collate "C",
    failure    text collate "C",
    exchange   text collate "C",
    looks      bigint not null,
    resends    bigint not null check (resends between 0 and 3),
    resent_at  bigint,
    looked_at  bigint,
    unknown_since   bigint,
    attention_since bigint,
    trace           text,                    -- the trace context of the request it serves
    check ((settled_at is null) = (state in ('planned', 'sending', 'challenged', 'unknown'))),
    unique (subject, kind, number)
);
create unique index attempt_live on attempt (subject, kind) where state not in ('declined', 'expired', 'never_sent');
create index attempt_open on attempt (state, owner) where state in ('planned', 'sending', 'challenged', 'unknown');

-- The transition table of domain::attempt, enforced once more where no code can walk around it.
create table attempt_step (
    from_state text collate "C" not null,
    to_state   text collate "C" not null,
    primary key (from_state, to_state)
);
insert into attempt_step (from_state, to_state) values
    ('planned', 'sending'), ('planned', 'expired'),
    ('sending', 'succeeded'), ('sending', 'declined'), ('sending', 'challenged'), ('sending', 'never_sent'),
    ('sending', 'unknown'),
    ('challenged', 'sending'), ('challenged', 'succeeded'), ('challenged', 'declined'), ('challenged', 'unknown'),
    ('unknown', 'unknown'), ('unknown', 'succeeded'), ('unknown', 'declined'), ('unknown', 'expired');

create function attempt_legal() returns trigger language plpgsql as $$
begin
    if not exists (select 1 from attempt_step where from_state = old.state and to_state = new.state) then
        raise exception 'illegal attempt transition' using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create trigger attempt_legal before update of state on attempt
for each row execute function attempt_legal();
create trigger attempt_final before update on attempt
for each row
when (old.state in ('succeeded', 'declined', 'never_sent', 'expired'))
execute function refuse('a settled attempt never changes');
create trigger attempt_fixed before update of program, subject, kind, number, reference, body on attempt
for each row
when (old.program <> new.program or old.subject <> new.subject or old.kind <> new.kind or old.number <> new.number
    or old.reference <> new.reference or old.body <> new.body)
execute function refuse('what was sent never changes');
create trigger attempt_kept before delete on attempt
for each row
execute function refuse('attempts are kept');
create trigger charge_fixed before update of program, payee_id, amount_minor, currency, reference, idempotency_key on charge
for each row
when (old.program <> new.program or old.payee_id <> new.payee_id or old.amount_minor <> new.amount_minor
    or old.currency <> new.currency or old.reference <> new.reference or old.idempotency_key <> new.idempotency_key)
execute function refuse('what was asked for never changes');
create trigger charge_kept before delete on charge
for each row
execute function refuse('charges are kept');
create trigger payout_fixed before update of program, payee_id, amount_minor, currency, reference, idempotency_key on payout
for each row
when (old.program <> new.program or old.payee_id <> new.payee_id or old.amount_minor <> new.amount_minor
    or old.currency <> new.currency or old.reference <> new.reference or old.idempotency_key <> new.idempotency_key)
execute function refuse('what was asked for never changes');
create trigger payout_kept before delete on payout
for each row
execute function refuse('payouts are kept');
create trigger idempotency_kept before delete on idempotency
for each row
execute function refuse('idempotency keys are kept');

create table checkout_session (
    id                  text collate "C" primary key,
    program             text collate "C" not null references program (id),
    payee_id            text collate "C" not null,
    token               text collate "C" not null,
    amount_minor        bigint not null check (amount_minor > 0),
    currency            text collate "C" not null check (length(currency) = 3),
    description         text collate "C" not null,
    client_reference_id text collate "C",
    success_url         text collate "C" not null,
    cancel_url          text collate "C",
    language            text collate "C" check (language in ('en', 'zh')),
    tries               bigint not null,
    charge              text collate "C" references charge (id),
    state               text collate "C" not null check (state in ('open', 'complete', 'expired')),
    version             bigint not null,
    expires_at          bigint not null,
    created_at          bigint not null,
    updated_at          bigint not null
);
create unique index checkout_session_token on checkout_session (token);
create index checkout_session_charge on checkout_session (charge) where charge is not null;

create table event (
    sequence   bigint generated by default as identity primary key,
    id         text collate "C" not null unique,
    program    text collate "C" not null references program (id),
    kind       text collate "C" not null,
    subject    text collate "C" not null,
    version    bigint not null,
    data       text collate "C" not null,
    evidence   text collate "C" check (evidence in ('reply', 'status_query', 'transport', 'operator')),
    attempt    text collate "C",
    created_at bigint not null,
    commit_id  xid8 not null default pg_current_xact_id()
);
create index event_program on event (program, sequence);
create index event_subject on event (subject, sequence);
create trigger event_fixed before update on event
for each row
execute function refuse('events never change');

-- Events in an order that no later one can come before: a commit that takes its numbers early may end late, and whoever
-- follows by number must not step over it.
create view settled_event as
    select sequence, id, program, kind, subject, version, data, evidence, attempt, created_at from event
    where commit_id < pg_snapshot_xmin(pg_current_snapshot());

-- Where a merchant wants events. The row is also the lease on the endpoint's queue: who holds it sends to it.
create table webhook_endpoint (
    id               text collate "C" primary key,
    program          text collate "C" not null references program (id),
    url              text collate "C" not null,
    description      text collate "C" not null,
    kinds            text collate "C" not null,          -- words, each between two spaces
    header_names     text collate "C" not null,          -- words
    headers          bytea,                   -- names and values, sealed
    secret           bytea not null,          -- sealed
    old_secret       bytea,                   -- sealed
    old_secret_until bigint,
    state            text collate "C" not null check (state in ('enabled', 'disabled', 'deleted')),
    reason           text collate "C" check (reason in ('merchant', 'gone', 'failing')),
    failures         bigint not null,
    failing_since    bigint,
    rests_until      bigint not null,
    lease_until      bigint not null,
    owner            text collate "C",
    epoch            bigint not null,
    version          bigint not null,
    created_at       bigint not null,
    updated_at       bigint not null,
    check ((state = 'disabled') = (reason is not null))
);
create index webhook_endpoint_page on webhook_endpoint (program, id);
create index webhook_endpoint_turn on webhook_endpoint (lease_until) where state = 'enabled';

-- One event on its way to one endpoint, written in the commit of the event.
create table delivery (
    id         text collate "C" primary key,             -- of the event and the endpoint, so that there can be only one
    program    text collate "C" not null references program (id),
    endpoint   text collate "C" not null references webhook_endpoint (id),
    event      text collate "C" not null references event (id),
    sequence   bigint not null,
    state      text collate "C" not null check (state in ('pending', 'delivered', 'failed', 'canceled')),
    tries      bigint not null,
    failures   bigint not null,
    begun_at   bigint not null,
    due_at     bigint not null,
    created_at bigint not null,
    updated_at bigint not null
);
create index delivery_due on delivery (endpoint, due_at) where state = 'pending';
create index delivery_failed on delivery (endpoint, id) where state = 'failed';
create index delivery_page on delivery (program, id);
create index delivery_endpoint on delivery (endpoint, id);

-- Every request that was made for a delivery.
create table delivery_try (
    delivery text collate "C" not null references delivery (id),
    number   bigint not null,
    at       bigint not null,
    took     bigint not null,
    status   bigint,
    trouble  text collate "C" check (trouble in ('address_refused', 'name_not_found', 'not_connected', 'tls_failed', 'timeout',
        'broken')),
    said     text collate "C" not null,
    primary key (delivery, number),
    check ((status is null) = (trouble is not null))
);

-- One row is one transfer from one account to another, so that every entry balances by being written at all.
create table journal (
    sequence     bigint generated by default as identity primary key,
    id           text collate "C" not null unique,
    program      text collate "C" not null references program (id),
    subject      text collate "C" not null,
    debit        text collate "C" not null,
    credit       text collate "C" not null check (credit <> debit),
    amount_minor bigint not null check (amount_minor > 0),
    currency     text collate "C" not null check (length(currency) = 3),
    created_at   bigint not null
);
create index journal_subject on journal (subject, sequence);
create index journal_program on journal (program, sequence);
create trigger journal_fixed before update on journal
for each row
execute function refuse('the journal never changes');
create trigger journal_kept before delete on journal
for each row
execute function refuse('the journal is kept');

create table callback (
    id               text collate "C" primary key,
    program          text collate "C" not null references program (id),
    digest           bytea not null,
    method           text collate "C" not null,
    event            text collate "C",
    query            text collate "C" not null,
    body             bytea not null,
    times            bigint not null,
    state            text collate "C" not null check (state in ('received', 'digested', 'ignored')),
    interpretation   text collate "C",
    received_at      bigint not null,
    last_received_at bigint not null
);
create unique index callback_digest on callback (program, digest);
create index callback_page on callback (program, id);

-- Work that must follow a change, written in the commit of the change. A leased job is one whose lease_until is ahead.
create table job (
    kind        text collate "C" not null,
    subject     text collate "C" not null,
    due_at      bigint not null,
    lease_until bigint not null,
    owner       text collate "C",
    epoch       bigint not null,
    wakes       bigint not null,
    runs        bigint not null,
    called      bigint not null check (called in (0, 1)), -- whether a callback asked for it
    last_error  text collate "C",
    created_at  bigint not null,
    primary key (kind, subject)
);
create index job_due on job (due_at);

-- The processes that serve from the database. Whoever was not heard of for long holds nothing any more.
create table node (
    id         text collate "C" primary key,
    version    text collate "C" not null,
    started_at bigint not null,
    last_seen  bigint not null
);

-- How far the database has come. Many nodes commit at the same time, so there is no one chain: each node has a log, and
-- each of its lanes, in which one commit is made at a time, a chain of its own.
create table head (
    log      text collate "C" not null,
    lane     bigint not null,
    sequence bigint not null,
    hash     bytea not null check (length(hash) = 32),
    primary key (log, lane)
) with (fillfactor = 50);

-- Each time the database was taken for one that went back in time. While one is not left, nothing is sent.
create table quarantine (
    sequence      bigint generated by default as identity primary key,
    cause         text collate "C" not null check (cause in ('lower', 'other_history', 'too_long_ago', 'no_head_file',
        'unreadable_head_file')),
    head_sequence bigint not null,
    seen_sequence bigint,
    seen_hash     bytea,
    left_by       text collate "C",
    left_reason   text collate "C",
    left_at       bigint,
    check ((left_at is null) = (left_by is null) and (left_at is null) = (left_reason is null))
);
create index quarantine_open on quarantine (left_at);
create trigger quarantine_final before update on quarantine
for each row
when (old.left_at is not null)
execute function refuse('a quarantine is left once');
create trigger quarantine_kept before delete on quarantine
for each row
execute function refuse('quarantines are kept');

-- What operators say became of an attempt that stays unknown. At most one proposal is open, and at most one settled it.
create table settlement (
    id              text collate "C" primary key,
    program         text collate "C" not null references program (id),
    attempt         text collate "C" not null references attempt (id),
    subject         text collate "C" not null,
    verdict         text collate "C" not null check (verdict in ('succeeded', 'failed')),
    state           text collate "C" not null check (state in ('proposed', 'settled', 'withdrawn', 'overtaken')),
    proposed_by     text collate "C" not null,
    proposed_origin text collate "C" not null,
    reason          text collate "C" not null,
    evidence        text collate "C" not null,
    proposed_at     bigint not null,
    answered_by     text collate "C",
    answered_origin text collate "C",
    answer_reason   text collate "C",
    answer_evidence text collate "C",
    answered_at     bigint,
    closed_at       bigint,
    check ((state = 'proposed') = (closed_at is null)),
    check ((answered_by is null) = (answered_at is null) and (answered_by is null) = (answered_origin is null)
        and (answered_by is null) = (answer_reason is null))
);
create unique index settlement_open on settlement (attempt) where state = 'proposed';
create unique index settlement_made on settlement (attempt) where state = 'settled';
create index settlement_subject on settlement (subject, id);
create trigger settlement_final before update on settlement
for each row
when (old.state <> 'proposed' or old.id <> new.id or old.program <> new.program or old.attempt <> new.attempt
    or old.subject <> new.subject or old.verdict <> new.verdict or old.proposed_by <> new.proposed_by
    or old.proposed_origin <> new.proposed_origin or old.reason <> new.reason or old.evidence <> new.evidence
    or old.proposed_at <> new.proposed_at)
execute function refuse('what an operator said never changes');
create trigger settlement_kept before delete on settlement
for each row
execute function refuse('settlements are kept');
create function attempt_by_operator() returns trigger language plpgsql as $$
begin
    if new.evidence = 'operator'
        and not exists (select 1 from settlement where attempt = old.id and state = 'settled') then
        raise exception 'an attempt is settled by operators only where their words are written down'
            using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create trigger attempt_by_operator before update of evidence on attempt
for each row execute function attempt_by_operator();

-- Every administrative change, in the commit of the change. Nothing secret is in it.
create table audit (
    sequence bigint generated by default as identity primary key,
    id       text collate "C" not null unique,
    program  text collate "C" references program (id),   -- null: the whole installation
    actor    text collate "C" not null,
    action   text collate "C" not null,
    subject  text collate "C" not null,
    reason   text collate "C",
    was      text collate "C",                           -- what matters of the thing before and afterwards, JSON objects
    became   text collate "C",
    at       bigint not null
);
create index audit_page on audit (program, sequence);
create trigger audit_fixed before update on audit
for each row
execute function refuse('the audit log never changes');
create trigger audit_kept before delete on audit
for each row
execute function refuse('the audit log is kept');
