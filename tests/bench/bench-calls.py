# SPDX-License-Identifier: LGPL-2.1-or-later
"""The same calls as bench-calls.c with aiohttp: prints seconds and processor seconds."""
import asyncio
import base64
import os
import resource
import sys
import time

import aiohttp


async def main():
    uri, n, in_flight, size = sys.argv[1], *map(int, sys.argv[2:5])
    frames = [os.urandom(size // 8) for _ in range(8)]
    gate = asyncio.Semaphore(in_flight)

    async def call(session):
        async with gate:
            content = [
                {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64," + base64.b64encode(f).decode()}}
                for f in frames
            ]
            content.append({"type": "text", "text": "Which emotions?"})
            body = {"model": "m", "temperature": 0, "messages": [{"role": "user", "content": content}]}
            async with session.post(uri + "/chat/completions", json=body) as reply:
                (await reply.json())["choices"][0]["message"]["content"]

    connector = aiohttp.TCPConnector(limit=in_flight)
    async with aiohttp.ClientSession(connector=connector) as session:
        start = time.monotonic()
        before = resource.getrusage(resource.RUSAGE_SELF)
        await asyncio.gather(*(call(session) for _ in range(n)))
        after = resource.getrusage(resource.RUSAGE_SELF)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(time.monotonic() - start, cpu)


asyncio.run(main())
