# SPDX-License-Identifier: LGPL-2.1-or-later
"""Let gst-mer ask a model that runs in a Python program of your own.

The whole of a program, which merexec starts as ``python3 my_model.py``::

    import mer_exec

    def load():
        return MyModel("weights.pt")                # may take minutes

    def answer(request, model):
        images = [frame.path for frame in request.frames]
        return model.generate(request.prompt, images, request.audio.path)

    mer_exec.serve(answer, load=load, modalities=("audio", "video"))

What ``answer`` prints goes to stderr, and with it into gst-mer's log; what it raises fails
that sample alone. Nothing but the standard library is needed; Python 3.8 and newer.
"""
import base64
import hashlib
import json
import os
import queue
import signal
import sys
import tempfile
import threading
import time
import traceback
from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence, Union

__all__ = ["serve", "progress", "Request", "Media", "Answer", "Refused", "TryAgain"]
__version__ = "1"

PROTOCOL = 1
MODALITIES = ("audio", "video", "text")


class Refused(Exception):
    """Raise it from ``answer`` where the model declines: the outcome is ``refused``."""


class TryAgain(Exception):
    """Raise it from ``answer`` where another try may well succeed."""


class Media:
    """One picture, sound or video of a request.

    ``path`` is a file (JPEG, 16 kHz mono WAV, or the clip itself) that is there until the
    answer is; ``bytes`` is what it holds. ``type`` is its media type. ``seconds`` is the
    instant of a frame from the start of the clip, or how long a sound is.
    """

    def __init__(self, about: Dict[str, Any], is_file: bool) -> None:
        self.type: str = about.get("type", "")
        self.seconds: Optional[float] = about.get("seconds")
        self._content: str = about["content"]
        self._is_file = is_file
        self._temporary: Optional[str] = None

    @property
    def path(self) -> str:
        """A file that holds it."""
        if self._is_file:
            return self._content
        if self._temporary is None:
            suffix = {"image/jpeg": ".jpg", "audio/wav": ".wav"}.get(self.type, ".mp4")
            handle, self._temporary = tempfile.mkstemp(prefix="mer-exec-", suffix=suffix)
            with os.fdopen(handle, "wb") as file:
                file.write(self.bytes)
        return self._temporary

    @property
    def bytes(self) -> bytes:
        """What it holds."""
        if not self._is_file:
            return base64.b64decode(self._content)
        with open(self._content, "rb") as file:
            return file.read()

    def _clean_up(self) -> None:
        if self._temporary is not None:
            os.unlink(self._temporary)
            self._temporary = None

    def __repr__(self) -> str:
        return f"Media({self.type!r}, seconds={self.seconds!r})"


class Request:
    """What is asked about one sample. What is not shown is not there."""

    def __init__(self, line: Dict[str, Any], wire: "_Wire") -> None:
        is_file = line.get("media", "files") == "files"
        self.id: str = line["id"]
        #: what to ask the model, with everything filled in
        self.prompt: str = line.get("prompt", "")
        #: what stands before the conversation
        self.system: Optional[str] = line.get("system")
        #: what is said in the clip; it mostly stands in the prompt already
        self.subtitle: Optional[str] = line.get("subtitle")
        #: the model's name, where the user gave one
        self.model: Optional[str] = line.get("model")
        #: the pictures, in the order of time
        self.frames: List[Media] = [Media(frame, is_file) for frame in line.get("frames", [])]
        #: the sound
        self.audio: Optional[Media] = Media(line["audio"], is_file) if line.get("audio") else None
        #: the clip's own file, with merexec's video-as=clip or both
        self.video: Optional[Media] = Media(line["video"], is_file) if line.get("video") else None
        #: 0 is greedy; None leaves it to the model
        self.temperature: Optional[float] = line.get("temperature")
        self.max_tokens: Optional[int] = line.get("max_tokens")
        self.seed: Optional[int] = line.get("seed")
        #: whether the answer must be JSON, and its JSON Schema
        self.json: bool = bool(line.get("json", False))
        self.schema: Optional[Dict[str, Any]] = line.get("schema")
        #: what merexec's ``extra`` says
        self.options: Dict[str, Any] = line.get("options") or {}
        self._wire = wire

    @property
    def modalities(self) -> List[str]:
        """What the model is shown."""
        shown = [("audio", self.audio), ("video", self.frames or self.video), ("text", self.subtitle)]
        return [name for name, what in shown if what]

    @property
    def cancelled(self) -> bool:
        """Whether nobody waits for the answer any more."""
        return self._wire.is_cancelled(self.id)

    def progress(self, fraction: float, message: str = "") -> None:
        """Say in gst-mer's log how far the answer is."""
        self._wire.write({"id": self.id, "progress": fraction, "message": message})

    def _clean_up(self) -> None:
        for media in [*self.frames, self.audio, self.video]:
            if media is not None:
                media._clean_up()

    def __repr__(self) -> str:
        return f"Request({self.id!r}, frames={len(self.frames)}, audio={self.audio!r}, video={self.video!r})"


class Answer:
    """What the model said, where it is more than a text.

    text       the answer; labels are read from it unless they are given
    labels     emotion words
    reasoning  what the model thought; labels are never read from it
    usage      tokens: {"input": …, "output": …, "reasoning": …}
    outcome    "answered", "refused", "filtered" or "truncated"
    detail     why the outcome is what it is
    """

    def __init__(self, text: Optional[str] = None, labels: Optional[Sequence[str]] = None,
                 reasoning: Optional[str] = None, usage: Optional[Dict[str, int]] = None,
                 outcome: Optional[str] = None, detail: Optional[str] = None) -> None:
        self.text = text
        self.labels = labels
        self.reasoning = reasoning
        self.usage = usage
        self.outcome = outcome
        self.detail = detail

    def _line(self) -> Dict[str, Any]:
        line = {"text": self.text, "labels": self.labels and list(self.labels), "reasoning": self.reasoning,
                "usage": self.usage, "outcome": self.outcome, "detail": self.detail}
        line = {name: value for name, value in line.items() if value is not None}
        if not line.keys() & {"text", "labels", "outcome"}:
            line["text"] = ""
        return line


Reply = Union[str, Sequence[str], Dict[str, Any], Answer]


def _to_line(reply: Any) -> Dict[str, Any]:
    if isinstance(reply, Answer):
        return reply._line()
    if isinstance(reply, dict):
        return Answer(**reply)._line()
    if isinstance(reply, (list, tuple, set, frozenset)):
        return {"labels": [str(word) for word in reply]}
    if reply is None:
        raise TypeError("answer () returned None; return a text, a list of words, a dict or an Answer")
    return {"text": str(reply)}


class _Wire:
    """The two streams to gst-mer, which no library can print to or read from."""

    def __init__(self) -> None:
        if sys.stdin is not None and sys.stdin.isatty():
            print("mer_exec: this program is started by gst-mer's merexec; it reads requests, "
                  "one line of JSON each, from its standard input", file=sys.stderr)
        self._input = os.dup(0)
        self._output = os.fdopen(os.dup(1), "wb")
        self._lock = threading.Lock()
        self._cancelled: Dict[str, bool] = {}
        self.requests: "queue.Queue[Optional[Request]]" = queue.Queue()
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.dup2(2, 1)
        sys.stdout = sys.stderr

    def write(self, line: Dict[str, Any]) -> None:
        data = json.dumps(line, default=str, separators=(",", ":")).encode("ascii") + b"\n"
        try:
            with self._lock:
                self._output.write(data)
                self._output.flush()
        except BrokenPipeError:
            os._exit(0)

    def is_cancelled(self, name: str) -> bool:
        return name in self._cancelled

    def forget(self, name: str) -> None:
        self._cancelled.pop(name, None)

    def _take(self, data: bytes) -> None:
        try:
            line = json.loads(data)
            if "cancel" in line:
                self._cancelled[line["cancel"]] = True
            elif "id" in line:
                self.requests.put(Request(line, self))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            print(f"mer_exec: a line that is no request: {error}: {data[:200]!r}", file=sys.stderr)

    def read(self) -> None:
        """Runs in a thread of its own until gst-mer closes the stream. No file object: the
        interpreter would wait for its lock when it ends."""
        rest = bytearray()
        while True:
            data = os.read(self._input, 1 << 18)
            if not data:
                break
            *lines, tail = data.split(b"\n")
            for line in lines:
                rest += line
                if rest.strip():
                    self._take(bytes(rest))
                rest.clear()
            rest += tail
        self.requests.put(None)


_wire: Optional[_Wire] = None


def progress(fraction: float, message: str = "") -> None:
    """Say in gst-mer's log how far loading is; for ``load``."""
    if _wire is not None:
        _wire.write({"progress": fraction, "message": message})


class _Server:
    def __init__(self, wire: _Wire, answer: Callable[..., Any], arguments: Sequence[Any],
                 modalities: Iterable[str], batch: int, wait: float) -> None:
        self.wire = wire
        self.answer = answer
        self.arguments = arguments
        self.modalities = tuple(modalities)
        self.batch = batch
        self.wait = wait

    def _fail(self, request: Request, error: BaseException, retry: bool = False) -> None:
        message = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        self.wire.write({"id": request.id, "error": {"message": message[:1000], "retry": retry}})

    def _lacks(self, request: Request) -> bool:
        lacking = [name for name in request.modalities if name not in self.modalities]
        if lacking:
            self._fail(request, ValueError(f"this model takes no {', '.join(lacking)}"))
        return bool(lacking)

    def _ask(self, requests: List[Request]) -> None:
        """Answers all of them, or raises before it answered any."""
        one = self.batch == 1
        replies = self.answer(requests[0] if one else requests, *self.arguments)
        replies = [replies] if one else list(replies)
        if len(replies) != len(requests):
            raise ValueError(f"answer () returned {len(replies)} answers to {len(requests)} requests")
        lines = [_to_line(reply) for reply in replies]
        for request, line in zip(requests, lines):
            self.wire.write({"id": request.id, **line})

    def _serve(self, requests: List[Request]) -> None:
        try:
            self._ask(requests)
        except Refused as error:
            for request in requests:
                self.wire.write({"id": request.id, "outcome": "refused", "text": str(error)})
        except TryAgain as error:
            for request in requests:
                self._fail(request, error, retry=True)
        except Exception as error:  # pylint: disable=broad-except
            traceback.print_exc()
            if len(requests) > 1:
                # one that breaks the batch must not take the others with it
                for request in requests:
                    self._serve([request])
            else:
                self._fail(requests[0], error)

    def _collect(self) -> Optional[List[Request]]:
        """The next request, and those that are there with it."""
        first = self.wire.requests.get()
        found = [first]
        end = time.monotonic() + self.wait
        while first is not None and len(found) < self.batch:
            try:
                found.append(self.wire.requests.get(timeout=max(0.0, end - time.monotonic())))
            except queue.Empty:
                break
            if found[-1] is None:
                break
        if None in found:
            self.wire.requests.put(None)  # for the next round, and for other threads
        return [request for request in found if request is not None] or None

    def run(self) -> None:
        while True:
            requests = self._collect()
            if requests is None:
                return
            wanted = [r for r in requests if not r.cancelled and not self._lacks(r)]
            try:
                if wanted:
                    self._serve(wanted)
            finally:
                for request in requests:
                    self.wire.forget(request.id)
                    request._clean_up()


def _fingerprint() -> str:
    """Changes when the program does: answers before and after are not of one kind."""
    digest = hashlib.sha256(__version__.encode())
    try:
        with open(os.path.abspath(sys.argv[0]), "rb") as file:
            digest.update(file.read())
    except (OSError, IndexError):
        pass
    return digest.hexdigest()[:16]


def _on_terminate(_number: int, _frame: Any) -> None:
    raise SystemExit(0)


def serve(answer: Callable[..., Any], *, load: Optional[Callable[[], Any]] = None,
          modalities: Sequence[str] = MODALITIES, media: str = "files", concurrency: int = 1,
          batch: int = 1, batch_wait: float = 0.05, name: Optional[str] = None,
          version: Optional[str] = None, model: Optional[str] = None,
          fingerprint: Optional[str] = None) -> None:
    """Answer gst-mer's requests until it has no more.

    answer       ``answer(request)``, or ``answer(request, loaded)`` with ``load``; returns a
                 text, a list of emotion words, an Answer, or a dict of an Answer's members
    load         called once, before the first request; what it returns goes to ``answer``
    modalities   what the model takes, of "audio", "video", "text" (the subtitle)
    media        "files" (paths), or "base64" where the program sees another file system
    concurrency  threads that call ``answer`` at once
    batch        more than 1: ``answer`` is given a list of up to so many requests, and
                 returns a list of as many answers
    batch_wait   seconds to wait for a batch to fill
    name, version, model, fingerprint
                 what is recorded with each answer; the fingerprint is that of this program's
                 file unless given
    """
    global _wire
    unknown = [one for one in modalities if one not in MODALITIES]
    if unknown:
        raise ValueError(f"no such modality: {', '.join(unknown)}; there are {', '.join(MODALITIES)}")
    if media not in ("files", "base64"):
        raise ValueError("media must be files or base64")
    if concurrency < 1 or batch < 1:
        raise ValueError("concurrency and batch must be at least 1")
    _wire = wire = _Wire()
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _on_terminate)
    arguments = [load()] if load is not None else []
    hello = {"mer-exec": PROTOCOL, "name": name or os.path.basename(sys.argv[0]) or "python",
             "version": version, "modalities": list(modalities), "media": media,
             "concurrency": concurrency * batch, "model": model,
             "fingerprint": fingerprint or _fingerprint()}
    wire.write({key: value for key, value in hello.items() if value is not None})
    threading.Thread(target=wire.read, daemon=True).start()

    server = _Server(wire, answer, arguments, modalities, batch, batch_wait)
    others = [threading.Thread(target=server.run, daemon=True) for _ in range(concurrency - 1)]
    for thread in others:
        thread.start()
    server.run()
    for thread in others:
        thread.join()
