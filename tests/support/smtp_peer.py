#!/usr/bin/python3
"""A mail server that behaves as it is told, for the tests of outgoing mail. Needs Debian's python3-aiosmtpd.

    smtp_peer.py FOLDER BEHAVIOUR [--port PORT] [--login USER:PASSWORD]

Listens on 127.0.0.1 (port 0, the default, lets the system choose), prints the port, and ends with its standard input.

Behaviours: accept; refuse-sender, refuse-4xx and refuse-5xx (the recipient); refuse-message-4xx and refuse-message-5xx
(after the message was sent); drop-after-data (takes the message and breaks off without an answer); slow (a byte a
second); slow-once (takes the first message and says so after 10 seconds); wrong-certificate (TLS from the start, with a
certificate that nobody vouches for).

Each message becomes two files: NNN.eml has the envelope as its first lines, an empty line, and the bytes as they came;
NNN.json has what Python's own mail parser reads in them.
"""

import argparse
import asyncio
import email
import email.policy
import json
import logging
import os
import pathlib
import ssl
import subprocess
import sys
import tempfile
import warnings

from aiosmtpd.smtp import SMTP, AuthResult

ANSWERS = {
    "refuse-sender": ("MAIL", "550 5.7.1 this sender is not known here"),
    "refuse-4xx": ("RCPT", "450 4.2.1 the mailbox is busy"),
    "refuse-5xx": ("RCPT", "550 5.1.1 nobody of that name"),
    "refuse-message-4xx": ("DATA", "451 4.3.0 try again later"),
    "refuse-message-5xx": ("DATA", "554 5.6.0 the message is not wanted"),
}
BEHAVIOURS = ["accept", *ANSWERS, "drop-after-data", "slow", "slow-once", "wrong-certificate"]


def parsed(raw):
    """What a reader of the mail sees: decoded headers in order, and the parts by type."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    parts = {part.get_content_type(): part.get_content() for part in message.walk() if not part.is_multipart()}
    return {"headers": [[name, str(value)] for name, value in message.items()], "parts": parts}


class Handler:
    def __init__(self, folder, behaviour):
        self.folder = folder
        self.behaviour = behaviour
        self.count = 0

    def refusal(self, command):
        wanted, answer = ANSWERS.get(self.behaviour, (None, None))
        return answer if wanted == command else None

    async def handle_MAIL(self, server, session, envelope, address, options):
        if answer := self.refusal("MAIL"):
            return answer
        envelope.mail_from = address
        return "250 2.1.0 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if answer := self.refusal("RCPT"):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        if answer := self.refusal("DATA"):
            return answer
        self.keep(envelope)
        if self.behaviour == "drop-after-data":
            server.transport.abort()
        if self.behaviour == "slow-once" and self.count == 1:
            await asyncio.sleep(10)
        return "250 2.0.0 OK"

    def keep(self, envelope):
        self.count += 1
        raw = envelope.original_content
        lines = [f"MAIL FROM:<{envelope.mail_from}>", *(f"RCPT TO:<{to}>" for to in envelope.rcpt_tos), "", ""]
        name = self.folder / f"{self.count:03}"
        name.with_suffix(".eml").write_bytes("\r\n".join(lines).encode() + raw)
        # Last, and in one step: who sees it may read both.
        unfinished = name.with_suffix(".unfinished")
        unfinished.write_text(json.dumps(parsed(raw)))
        unfinished.rename(name.with_suffix(".json"))


class SlowSMTP(SMTP):
    async def push(self, status):
        answer = status.encode() if isinstance(status, str) else status
        for byte in answer + b"\r\n":
            self._writer.write(bytes([byte]))
            await self._writer.drain()
            await asyncio.sleep(1)


def unvouched():
    """TLS with a certificate of our own making."""
    with tempfile.TemporaryDirectory() as folder:
        key, certificate = f"{folder}/key.pem", f"{folder}/certificate.pem"
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        command += ["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
        subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        return context


async def main():
    # The library warns of what is on purpose here: passwords in the clear, on this machine alone.
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    arguments = argparse.ArgumentParser(description="A mail server that behaves as it is told.")
    arguments.add_argument("folder", type=pathlib.Path)
    arguments.add_argument("behaviour", choices=BEHAVIOURS)
    arguments.add_argument("--port", type=int, default=0)
    arguments.add_argument("--login", help="USER:PASSWORD, without which nothing is taken")
    given = arguments.parse_args()

    options = {"hostname": "peer.example", "ident": "a test"}
    if given.login:

        def check(server, session, envelope, mechanism, data):
            return AuthResult(success=b":".join([data.login, data.password]) == os.fsencode(given.login), handled=False)

        options.update(auth_required=True, auth_require_tls=False, authenticator=check)

    handler = Handler(given.folder, given.behaviour)
    kind = SlowSMTP if given.behaviour == "slow" else SMTP
    context = unvouched() if given.behaviour == "wrong-certificate" else None
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: kind(handler, **options), "127.0.0.1", given.port, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.buffer.read)
    server.close()


asyncio.run(main())
