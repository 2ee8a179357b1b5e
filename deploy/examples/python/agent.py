"""An agent on nothing but Python's standard library that NeoSigma can improve.

It takes its prompt from the candidate of each run, over either transport of neosigma.run/1:

    python3 agent.py serve [PORT]   HTTP: POST /run            (run: "http://127.0.0.1:PORT/run")
    python3 agent.py run            command: stdin -> stdout   (run: "command:python3 agent.py run")

The model is any OpenAI-compatible endpoint: OPENAI_BASE_URL, OPENAI_API_KEY.
"""

import json
import os
import sys
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOOLS = {
    "lookup_order": lambda given: {"order": given.get("order"), "state": "delivered"},
    "refund_order": lambda given: {"order": given.get("order"), "refunded": True},
}


class ModelAway(Exception):
    """Not to be held against the candidate."""


def complete(body, timeout_s):
    request = urllib.request.Request(
        os.environ.get("OPENAI_BASE_URL", "https://api.openai.com/v1") + "/chat/completions",
        data=json.dumps(body).encode(),
        headers={
            "content-type": "application/json",
            "authorization": "Bearer " + os.environ.get("OPENAI_API_KEY", ""),
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=timeout_s) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        if error.code == 429 or error.code >= 500:
            raise ModelAway(str(error)) from error
        raise
    except OSError as error:
        raise ModelAway(str(error)) from error


def answer(request, usage, tool_calls):
    config, task = request["candidate"]["config"], request["task"]
    sections = [part for prompt in config.get("prompts", {}).values() for part in prompt]
    content = task["input"] if isinstance(task["input"], str) else json.dumps(task["input"])
    messages = [
        {"role": "system", "content": "\n\n".join(part["text"] for part in sections)},
        {"role": "user", "content": content},
    ]
    model = config.get("model", {})
    steps = request["limits"].get("maxSteps") or config.get("guards", {}).get("maxSteps", 12)
    for _ in range(steps):
        completion = complete(
            {
                **model.get("params", {}),
                "model": model.get("name") or "simulated",
                "messages": messages,
                "seed": request["seed"],
                "tools": [
                    {"type": "function", "function": {"name": name, "parameters": {"type": "object"}}}
                    for name in TOOLS
                ],
            },
            request["limits"]["timeoutMs"] / 1000,
        )
        usage["llmCalls"] += 1
        usage["inputTokens"] += completion.get("usage", {}).get("prompt_tokens", 0)
        usage["outputTokens"] += completion.get("usage", {}).get("completion_tokens", 0)
        message = completion["choices"][0]["message"]
        if not message.get("tool_calls"):
            return message["content"]
        messages.append(message)
        for call in message["tool_calls"]:
            name, given = call["function"]["name"], json.loads(call["function"]["arguments"])
            tool_calls.append({"name": name, "arguments": given})
            tool = TOOLS.get(name, lambda _: {"error": "there is no such tool"})
            result = json.dumps(tool(given))
            messages.append({"role": "tool", "tool_call_id": call["id"], "content": result})
    raise RuntimeError("the agent did not come to an end")


def run(request):
    usage, tool_calls = {"inputTokens": 0, "outputTokens": 0, "llmCalls": 0}, []
    told = {"usage": usage, "toolCalls": tool_calls}
    try:
        return {"status": "ok", "output": answer(request, usage, tool_calls), **told}
    except ModelAway as error:
        return {"status": "infra_error", "error": {"kind": "model", "message": str(error)}, **told}
    except Exception as error:  # whatever it is, it is the agent's failure
        kind = type(error).__name__
        return {"status": "agent_error", "error": {"kind": kind, "message": str(error)}, **told}


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        body = json.dumps(run(request)).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        port = int(sys.argv[2]) if len(sys.argv) > 2 else 0
        server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        print(f"http://127.0.0.1:{server.server_port}/run", flush=True)
        server.serve_forever()
    else:
        print(json.dumps(run(json.load(sys.stdin))))
