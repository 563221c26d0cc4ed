# SPDX-License-Identifier: LGPL-2.1-or-later
"""The catalogue of models, and mer models.

Every entry is opened, its element is made, and a clip is shown to it by mer run; at the other
end stands the test server in the entry's protocol and dialect, which refuses what the real one
refuses, or for programs a small one of ours. So the wire of every entry is proven; no model is.
"""
import contextlib
import functools
import json
import os
import re
import stat
import subprocess
import sys
import tempfile

BUILD, SOURCE = os.environ["MER_BUILD_ROOT"], os.environ["MER_SOURCE_ROOT"]
MER = os.path.join(BUILD, "tools", "mer")
CATALOGUE = os.path.join(SOURCE, "pipelines", "models")
# Qwen-VL takes no list of fewer
FRAMES = 4
FAILURES = []

# what the field's papers evaluate, family by family; each has an entry at least
FAMILIES = """
gpt-4o gpt-4.1 gpt-audio gemini-2.0-flash gemini-2.5-flash gemini-2.5-pro claude- qwen-audio qwen2-audio
qwen2-vl qwen2.5-vl qwen3-vl qvq qwen2.5-omni qwen3-omni kimi-audio salmonn secap audio-reasoner video-llama
video-llama2 video-llama3 video-llava videochat videochat2 video-chatgpt llama-vid mplug-owl chat-univi otter
llava-next-video internvl2.5 internvl3 minicpm-o glm-4.5v step-audio emotion-llama affectgpt humanomni r1-omni
video-r1 deepseek-chat deepseek-v3 deepseek-r1 deepseek-reasoner qwen2.5-7b qwen3-8b gemma-3 llama-3
""".split()


def check(what, truth, detail=""):
    if not truth:
        FAILURES.append(what)
        print("FAIL", what, detail, flush=True)


def mer(folder, *arguments, **environment):
    return subprocess.run([MER, *arguments], cwd=folder, capture_output=True, text=True, timeout=300, check=False,
                          env={**os.environ, **environment})


def read_entries(folder):
    names = [row["model"] for group in [[], ["--group", "server"]]
             for row in json.loads(mer(folder, "models", "list", "--format", "json", *group).stdout)]
    text = mer(folder, "models", "show", "--entry", *names).stdout
    entries, decoder, at = {}, json.JSONDecoder(), 0
    for name in names:
        entries[name], at = decoder.raw_decode(text, at)
        at += len(text[at:]) - len(text[at:].lstrip())
    return entries


@functools.lru_cache(maxsize=None)
def elements():
    shown = subprocess.run([MER, "inspect", "--format", "csv"], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"^backend,(mer\w+),", shown, re.M))


def is_there(element):
    return element in elements()


# --- what stands in an entry ---

def is_hosted(entry):
    return "api-key-env" in entry.get("properties", {})


def check_entry(name, entry):
    wanted = ["backend", "summary", "group", "thinking", "modalities", "limits", "source", "as-of", "tested"]
    if entry["group"] != "server":
        wanted += ["licence"] if entry["backend"] == "merexec" else ["licence", "properties"]
    for member in wanted:
        check(f"{name}: {member}", member in entry, entry)
    check(f"{name}: tested is honest", "never against the model" in entry["tested"] or "b10587" in entry["tested"],
          entry["tested"])
    check(f"{name}: in flight", entry["limits"].get("max-in-flight", 0) >= 1, entry["limits"])
    if "video" in entry["modalities"]:
        check(f"{name}: frames", entry["limits"].get("frames", 0) >= 1, entry["limits"])
    elif entry["group"] != "server":
        check(f"{name}: no frames", "frames" not in entry["limits"], entry["limits"])
    if entry["thinking"] == "switchable":
        check(f"{name}: what switches its thinking", entry["backend"] == "merexec" or "thinking-by" in entry)
    if is_hosted(entry):
        check(f"{name}: over TLS", entry["properties"].get("uri", "https:").startswith("https:"), entry)
        check(f"{name}: prices have a date and a source", "prices" not in entry
              or {"as-of", "source"} <= set(entry["prices"]), entry.get("prices"))
    elif entry["backend"] != "merexec":
        check(f"{name}: on this machine", entry["properties"]["uri"].startswith("http://127.0.0.1:"), entry)
        check(f"{name}: how its server is started", "start" in entry)
    if entry["backend"] in ("meropenai", "merollama", "mergemini", "meranthropic"):
        check(f"{name}: sampling is sent", "temperature" in entry["properties"] and "max-tokens" in entry["properties"],
              entry["properties"])


def check_catalogue(entries):
    text = ""
    for name in sorted(os.listdir(CATALOGUE)):
        with open(os.path.join(CATALOGUE, name), encoding="utf-8") as file:
            text += file.read()
    names = re.findall(r'^    "([^"]+)": \{', text, re.M)
    check("no entry stands twice", len(names) == len(set(names)), [n for n in names if names.count(n) > 1])
    check("all are listed", sorted(names) == sorted(entries), set(names) ^ set(entries))
    for family in FAMILIES:
        check(f"the family {family}", any(name.startswith(family) for name in names))
    for name, entry in entries.items():
        check_entry(name, entry)


def check_files(folder):
    for name in sorted(os.listdir(CATALOGUE)):
        done = mer(folder, "models", "check", os.path.join(CATALOGUE, name))
        missing = re.search(r"there is no element “(\w+)”", done.stderr)
        check(f"mer models check {name}", done.returncode == 0 or missing and not is_there(missing.group(1)), done.stderr)


def check_documented(folder):
    """The lines of docs/servers.md fit the catalogue."""
    with open(os.path.join(SOURCE, "docs", "servers.md"), encoding="utf-8") as file:
        blocks = re.findall(r"^```json\n(.*?)^```$", file.read(), re.M | re.S)
    check("docs/servers.md has its entries", len(blocks) >= 6, len(blocks))
    for number, block in enumerate(blocks):
        path = os.path.join(folder, f"documented-{number}.json")
        with open(path, "w", encoding="utf-8") as file:
            file.write(block)
        done = mer(folder, "models", "check", path)
        check(f"docs/servers.md: {block}", done.returncode == 0, done.stderr)


# --- the wire ---

@functools.lru_cache(maxsize=None)
def played():
    """The protocols and dialects that the test server plays."""
    text = subprocess.run([os.environ["MER_TEST_SERVER"], "--help"], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"^  ([a-z]+): ", text, re.M))


@contextlib.contextmanager
def server(folder, protocol, dialect, key):
    log = os.path.join(folder, f"{protocol}-{dialect}.jsonl")
    # Azure's own header for the key is not OpenAI's
    arguments = ["--protocol", protocol, "--log", log] + ([] if dialect == "any" else ["--key-env", key])
    if dialect:
        arguments += ["--dialect", dialect]
    child = subprocess.Popen([os.environ["MER_TEST_SERVER"], "--die-with-parent", *arguments],
                             stdout=subprocess.PIPE, text=True, env={**os.environ, key: "a-key-for-tests"})
    try:
        yield child.stdout.readline().split()[-1], log
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


def speaks(entry):
    """The protocol and dialect of the test server that plays what the entry asks."""
    dialect = entry.get("properties", {}).get("dialect", "openai")
    chat = {"responses": ("responses", ""), "azure": ("openai", "any")}.get(dialect, ("openai", dialect))
    return {"meropenai": chat, "mergemini": ("gemini", ""), "meranthropic": ("anthropic", ""),
            "merollama": ("ollama", ""), "merwhisper": ("whisper", "")}.get(entry["backend"])


def make_clip(folder, subtitle):
    clips = os.path.join(folder, "clips" if subtitle else "mute")
    os.mkdir(clips)
    subprocess.run(["gst-launch-1.0", "-q", "matroskamux", "name=m", "!", "filesink", f"location={clips}/a.mkv",
                    "videotestsrc", "num-buffers=25", "!", "video/x-raw,width=64,height=48", "!", "jpegenc", "!", "m.",
                    "audiotestsrc", "num-buffers=20", "samplesperbuffer=800", "!",
                    "audio/x-raw,rate=16000,channels=1", "!", "m."], check=True, timeout=60)
    if subtitle:
        with open(os.path.join(clips, "a.srt"), "w", encoding="utf-8") as file:
            file.write("1\n00:00:00,000 --> 00:00:01,000\nWell then.\n")
    return clips


CHILD = """#!/usr/bin/env python3
import mer_exec

mer_exec.serve(lambda request: "[happy, calm]", modalities=("audio", "video", "text"))
"""


def make_children(folder, entries):
    """Programs by the names that the entries give them."""
    for entry in entries.values():
        command = entry.get("properties", {}).get("command", "").split()
        if entry["backend"] != "merexec" or not command:
            continue
        path = os.path.join(folder, command[0])
        with open(path, "w", encoding="utf-8") as file:
            file.write(CHILD)
        os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)


def run_all(folder, names, models, clips, output, **settings):
    batch = os.path.join(folder, f"{output}.json")
    with open(batch, "w", encoding="utf-8") as file:
        json.dump({"format": "mer-batch/1", "name": "all", "datasets": [{"clips": [clips]}],
                   "description": "one-stage", "models": models,
                   "set": {"frames": FRAMES, "answer-format": "text", **settings}, "matrix": {"model": names}}, file)
    done = mer(folder, "run", batch, "--output", f"{output}.mer", MER_TEST_API_KEY="a-key-for-tests",
               PATH=f"{folder}:{os.environ['PATH']}")
    runs = mer(folder, "export", f"{output}.mer", "--what", "runs", "--format", "csv").stdout
    results = {}
    for name in names:
        exported = mer(folder, "export", f"{output}.mer", "--what", "results", "--run", f"model={name}")
        rows = [json.loads(line) for line in exported.stdout.splitlines()]
        results[name] = rows[0] if rows else None
    check(f"{output}: the run ends", done.returncode in (0, 1), done.stderr[-1500:] + runs)
    return results, done


def takes_one(entry):
    """Text and one modality more: the stage says which."""
    return entry["properties"].get("one-modality") == "refuse"


def check_asked(name, entry, line):
    wants_frames = "video" in entry["modalities"]
    wants_audio = "audio" in entry["modalities"] and not takes_one(entry)
    check(f"{name}: frames on the wire", len(line.get("frames", [])) == (FRAMES if wants_frames else 0), line)
    check(f"{name}: sound on the wire", bool(line.get("audio")) == wants_audio, line)
    check(f"{name}: nothing was refused", line.get("status", 200) == 200, line)


def check_limits(folder, models, clips):
    """More than an entry allows is not sent."""
    names = ["llava-next-video-7b", "internvl3-8b"]
    results, _ = run_all(folder, names, models, clips, "limits", frames=17)
    check("17 frames are too many", results[names[0]] and results[names[0]]["outcome"] == "api-failed"
          and "the sample has 17 frames and the model takes 16" in results[names[0]]["detail"], results)
    check("and elsewhere not", results[names[1]] and results[names[1]]["outcome"] == "answered", results)


def check_wire(folder, entries):
    clips = make_clip(folder, True)
    make_children(folder, entries)
    plays = {}
    asked = {}
    with contextlib.ExitStack() as stack:
        override = {}
        for name, entry in entries.items():
            if not is_there(entry["backend"]):
                print(f"not asked: {name} ({entry['backend']})")
                continue
            if entry["backend"] == "merexec":
                if entry["properties"].get("command"):
                    asked[name] = entry
                continue
            kind = speaks(entry)
            if not set(filter(None, kind)) <= played():
                print(f"not asked: {name}, nobody plays {kind}")
                continue
            if kind not in plays:
                plays[kind] = stack.enter_context(server(folder, *kind, "MER_TEST_API_KEY"))
            override[name] = {"properties": {"uri": plays[kind][0], "api-key-env": "MER_TEST_API_KEY",
                                             "model": entry["properties"].get("model", f"{name}-test")}}
            asked[name] = entry
        models = os.path.join(folder, "models.json")
        with open(models, "w", encoding="utf-8") as file:
            json.dump({"format": "mer-models/1", "models": override}, file)
        alone = sorted(name for name in asked if takes_one(asked[name]))
        writers = sorted(name for name in asked if asked[name]["backend"] == "merwhisper")
        results, done = run_all(folder, sorted(set(asked) - set(alone) - set(writers)), models, clips, "all")
        results.update(run_all(folder, alone, models, clips, "alone", modalities="video")[0])
        # they write down what is said only where nobody did
        if writers:
            results.update(run_all(folder, writers, models, make_clip(folder, False), "mute")[0])
        check_limits(folder, models, clips)
        logs = {}
        for uri, log in plays.values():
            with open(log, encoding="utf-8") as file:
                logs.update({line["key"]: line for line in map(json.loads, file)})
    for name, result in results.items():
        check(f"{name}: is answered", result and result["outcome"] == "answered", f"{result} {done.stderr[-300:]}" if result else "")
        key = result and (result.get("call_key") or result.get("call"))
        if asked[name]["backend"] != "merexec":
            check(f"{name}: was asked", key in logs, result)
            check_asked(name, asked[name], logs.get(key, {}))
    print(f"{len(results)} entries were asked")


# --- mer models ---

def check_command(folder):
    own = os.path.join(folder, "data", "gst-mer")
    os.makedirs(own)
    with open(os.path.join(own, "models.json"), "w", encoding="utf-8") as file:
        json.dump({"format": "mer-models/1", "models": {
            "gpt-4o": {"limits": {"max-in-flight": 2}, "prices": {"input": 9}},
            "mine": {"extends": "vllm", "summary": "of mine", "group": "general"}}}, file)
    home = {"XDG_DATA_HOME": os.path.join(folder, "data")}
    shown = {row["name"]: row for row in json.loads(mer(folder, "models", "show", "gpt-4o", "-f", "json", **home).stdout)}
    check("the user's value counts", shown["limits.max-in-flight"]["value"] in (2, "2")
          and shown["limits.max-in-flight"]["file"].startswith(own), shown)
    check("beside what was shipped", shown["limits.context"]["file"].startswith(CATALOGUE)
          and shown["properties.model"]["value"].startswith("gpt-4o"), shown)
    check("the start of a server is filled in", "Qwen/Qwen2.5-VL-7B-Instruct" in mer(
        folder, "models", "show", "qwen2.5-vl-7b", **home).stdout)

    def listed(*arguments):
        return [row["model"] for row in json.loads(mer(folder, "models", "list", "-f", "json", *arguments, **home).stdout)]

    check("one's own are listed first", listed()[:2] == ["gpt-4o", "mine"], listed()[:2])
    check("by modality", "qwen2-audio-7b" in listed("-m", "audio") and "qwen2-audio-7b" not in listed("-m", "video"))
    check("by both", "qwen2.5-omni-7b" in listed("-m", "audio+video") and "qwen2.5-vl-7b" not in listed("-m", "audio,video"))
    check("by group", "qvq-72b" in listed("-g", "reasoning-enhanced") and "gpt-4o" not in listed("-g", "reasoning-enhanced"))
    check("by element", set(listed("-b", "meranthropic")) and all("claude" in n for n in listed("-b", "meranthropic")))
    check("servers apart", "vllm" not in listed() and "vllm" in listed("-g", "server"))
    for arguments, what in [(["models"], "which of list"), (["models", "shwo"], "did you mean 'show'"),
                            (["models", "show"], "which model"), (["models", "show", "gpt-4"], "did you mean"),
                            (["models", "list", "-m", "smell"], "there are: audio"), (["models", "check"], "which file"),
                            (["models", "check", "gone.json"], "gone.json")]:
        done = mer(folder, *arguments, **home)
        check(arguments, done.returncode == 2 and what in done.stderr and not done.stdout, done)
    with open(os.path.join(folder, "models.json"), "w", encoding="utf-8") as file:
        json.dump({"format": "mer-models/1", "models": {"gpt-4o": {"properties": {
            "uri": "https://elsewhere.example/v1", "api-key-env": "OPENAI_API_KEY"}}}}, file)
    done = mer(folder, "models", "show", "gpt-4o", **home)
    check("a file that lies about sends no key anywhere", done.returncode == 2 and "--models" in done.stderr, done)
    done = mer(folder, "models", "show", "gpt-4o", "--models", "models.json", **home)
    check("unless it is named", done.returncode == 0 and "elsewhere.example" in done.stdout, done)
    os.remove(os.path.join(folder, "models.json"))
    with open(os.path.join(folder, "bad.json"), "w", encoding="utf-8") as file:
        json.dump({"format": "mer-models/1", "models": {
            "a": {"extends": "vllm", "properties": {"temprature": 1}}}}, file, indent=1)
    done = mer(folder, "models", "check", "bad.json", **home)
    check("a wrong property has its place", done.returncode == 2 and "bad.json:7: /models/a/properties/temprature"
          in done.stderr and "did you mean “temperature”" in done.stderr, done.stderr)


def main():
    with tempfile.TemporaryDirectory() as folder:
        check_command(folder)
    with tempfile.TemporaryDirectory() as folder:
        entries = read_entries(folder)
        check_catalogue(entries)
        check_files(folder)
        check_documented(folder)
        check_wire(folder, entries)
    print(f"{len(entries)} entries, {len(FAILURES)} failures")
    sys.exit(1 if FAILURES else 0)


main()
