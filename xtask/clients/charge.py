"""One charge through the generated Python client: made, repeated, refused and looked at."""

import os

from tollgate_client import AuthenticatedClient
from tollgate_client.api.charges import create_charge, get_charge
from tollgate_client.models import ChargeStatus, CreateCharge, Outcome, Problem

client = AuthenticatedClient(base_url=os.environ["TOLLGATE_URL"], token=os.environ["TOLLGATE_KEY"])

body = CreateCharge(payee_id="Test123", amount="1.20", currency="USD", description="From Python")
made = create_charge.sync_detailed(client=client, body=body, idempotency_key="python-1")
assert made.status_code == 201, made
assert made.parsed.status == ChargeStatus.SUCCEEDED, made.parsed

again = create_charge.sync_detailed(client=client, body=body, idempotency_key="python-1")
assert (again.status_code, again.parsed.id) == (200, made.parsed.id), "the same request twice is one charge"

body.amount = "1.234"
refused = create_charge.sync(client=client, body=body, idempotency_key="python-2")
assert isinstance(refused, Problem), refused
assert (refused.field, refused.outcome) == ("amount", Outcome.NONE), refused

seen = get_charge.sync(made.parsed.id, client=client)
assert seen.attempts[0].status.value == "succeeded", seen
print(f"charged {seen.amount} {seen.currency}: {seen.id}")
