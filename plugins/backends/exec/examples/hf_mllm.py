#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A multimodal model from the Hugging Face Hub as a program for merexec.

  pip install torch transformers accelerate pillow
  gst-launch-1.0 merdatasetsrc clips=videos ! mermedia \
    ! merexec command="python3 hf_mllm.py --model Qwen/Qwen2.5-VL-3B-Instruct" \
    ! merlabels ! mersampleenc ! fdsink

It takes any model that AutoModelForImageTextToText loads (Qwen-VL, InternVL, LLaVA-NeXT,
Gemma 3, …). To wrap another, change load () and answer (), and leave the rest.
--dry answers without torch: a list of words that depends on what came.
"""
import argparse

import mer_exec


def load(options):
    """Loads model and processor; what takes minutes happens here, before the handshake."""
    import torch  # pylint: disable=import-outside-toplevel,import-error
    import transformers  # pylint: disable=import-outside-toplevel,import-error

    mer_exec.progress(0.0, f"loading {options.model}")
    processor = transformers.AutoProcessor.from_pretrained(options.model, revision=options.revision)
    model = transformers.AutoModelForImageTextToText.from_pretrained(
        options.model, revision=options.revision, torch_dtype="auto", device_map=options.device)
    model.eval()
    mer_exec.progress(1.0, f"{options.model} is on {model.device}")
    return torch, processor, model


def answer(request, loaded):
    """One sample: frames and prompt in, text out."""
    torch, processor, model = loaded
    content = [{"type": "image", "path": frame.path} for frame in request.frames]
    content.append({"type": "text", "text": request.prompt})
    messages = [{"role": "user", "content": content}]
    if request.system:
        messages.insert(0, {"role": "system", "content": [{"type": "text", "text": request.system}]})
    inputs = processor.apply_chat_template(
        messages, add_generation_prompt=True, tokenize=True, return_dict=True,
        return_tensors="pt").to(model.device)
    if request.seed is not None:
        torch.manual_seed(request.seed)
    sampling = {"do_sample": False}
    if request.temperature:
        sampling = {"do_sample": True, "temperature": request.temperature}
    limit = request.max_tokens or 1024
    with torch.inference_mode():
        output = model.generate(**inputs, max_new_tokens=limit, **sampling)
    tokens = output[0][inputs["input_ids"].shape[1]:]
    return mer_exec.Answer(
        text=processor.decode(tokens, skip_special_tokens=True).strip(),
        usage={"input": int(inputs["input_ids"].shape[1]), "output": len(tokens)},
        outcome="truncated" if len(tokens) >= limit else None)


def dry_answer(request):
    """What a model could have said: words for what was seen and heard."""
    words = (["curious"] if request.frames else []) + (["calm"] if request.audio else [])
    words += ["surprised"] if request.subtitle else []
    sizes = [len(media.bytes) for media in request.frames + [request.audio] if media]
    return mer_exec.Answer(text=mer_exec.json.dumps({"labels": words or ["neutral"]}),
                           usage={"input": len(request.prompt) + sum(sizes), "output": len(words)})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="Qwen/Qwen2.5-VL-3B-Instruct", help="name on the Hub, or a folder")
    parser.add_argument("--revision", help="commit or tag: pin it, and set merexec's revision to the same")
    parser.add_argument("--device", default="auto", help="such as cuda:0, cpu (default: auto)")
    parser.add_argument("--dry", action="store_true", help="answer without a model")
    options = parser.parse_args()
    about = {"name": "hf_mllm", "model": options.model, "version": options.revision}
    if options.dry:
        mer_exec.serve(dry_answer, **{**about, "model": "dry"})
    else:
        mer_exec.serve(answer, load=lambda: load(options), modalities=("video", "text"), **about)


if __name__ == "__main__":
    main()
