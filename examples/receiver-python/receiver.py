"""A receiver of Tollgate's webhooks in Python, with the `standardwebhooks` library: verifies, remembers what it has
seen, answers at once. The work itself belongs behind the answer, where the line is printed.

    pip install -r requirements.txt
    TOLLGATE_WEBHOOK_SECRET=whsec_... python receiver.py      # listens on 127.0.0.1:3000
"""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks import Webhook, WebhookVerificationError

BODY_MAX = 1024 * 1024  # no event is larger

webhook = Webhook(os.environ["TOLLGATE_WEBHOOK_SECRET"])
seen = set()  # in a real shop this is a table, in the transaction of the work


class Receiver(BaseHTTPRequestHandler):
    timeout = 10

    def do_POST(self):
        length = int(self.headers.get("content-length") or 0)
        if length > BODY_MAX:
            return self.answer(413)
        body = self.rfile.read(length)
        try:
            # Over the exact bytes that came, before anything is read of them.
            webhook.verify(body, {name.lower(): value for name, value in self.headers.items()})
        except WebhookVerificationError:
            return self.answer(400)
        event = json.loads(body)
        # Delivery is at least once: what came before is thanked for again, and nothing more.
        if event["id"] not in seen:
            seen.add(event["id"])
            print(event["sequence"], event["type"], event["subject"], flush=True)
        return self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "3000"))), Receiver)
    print("listening on %s:%s" % server.server_address, flush=True)
    server.serve_forever()
