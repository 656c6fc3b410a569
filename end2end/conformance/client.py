"""Calls every operation through the client that openapi-python-client makes: client.py FOLDER ADDRESS TOKEN OPERATIONS."""

import importlib
import json
import pkgutil
import sys

folder, address, token, operations = sys.argv[1:]
sys.path.insert(0, folder)
client_package = importlib.import_module("keyslot_client")
models = importlib.import_module("keyslot_client.models")
client = client_package.AuthenticatedClient(
    base_url=f"{address}/api/v1", token=token, raise_on_unexpected_status=True
)
called = set()


def call(operation, expected, *arguments, body=None, **others):
    """Sends a call through the generated function and reads its answer into the generated model."""
    if body is not None:
        others["body"] = body
    for _, name, is_package in pkgutil.walk_packages(client_package.__path__, "keyslot_client."):
        if not is_package and name.endswith(f".{operation}"):
            answer = importlib.import_module(name).sync_detailed(*arguments, client=client, **others)
            break
    else:
        raise SystemExit(f"the client has no {operation}")
    assert answer.status_code == expected, f"{operation}: {answer.status_code} {answer.content!r}"
    sent = json.loads(answer.content)
    assert answer.parsed is not None and answer.parsed.to_dict() == sent, f"{operation}: {answer.parsed} is not {sent}"
    called.add(operation)
    return answer.parsed


def main():
    call("get_environment", 200)
    spec = {"files": [{"path": ".env", "keys": [{"key": "API_TOKEN", "description": "Of the test"}]}]}
    saved = call("save_env_files", 200, body=models.EnvSpec.from_dict(spec))
    assert saved.changed and saved.missing == 1, saved
    asked = call("request_env_variables", 201, body=models.Ask.from_dict({"keys": [{"key": "API_TOKEN"}]}))
    assert call("get_request", 200, asked.id).state == "pending"
    assert call("cancel_request", 200, asked.id).state == "cancelled"
    commands = models.CommandsAsk.from_dict({"commands": [{"command": "true"}]})
    proposal = call("save_service_commands", 200, body=commands).proposal
    assert call("get_proposal", 200, proposal.id).state == "pending"
    call("get_service_commands", 200)
    call("read_notes", 200, after=0)
    snapshot = call("save_snapshot", 201, body=models.SnapshotAsk.from_dict({"name": "From Python"}), wait=60)
    call("get_snapshot", 200, snapshot.id)
    # Refused, because a value is missing: problems have their shape too.
    refused = call("finish_setup", 409, body=models.FinishAsk.from_dict({}))
    assert refused.status == 409, refused
    missing = set(operations.split(",")) - called
    assert not missing, f"not called: {sorted(missing)}"
    print(f"called {len(called)} operations")


main()
