"""Speaks to the running simulator as any client of Exact's API would."""

from __future__ import annotations

from typing import Any

import requests

from ppplanner.integrations.exact.simulator import RunningSimulator

Json = dict[str, Any]


class Caller:
    """One connection: a user's access token, used in one administration."""

    def __init__(self, exact: RunningSimulator, user: str = "eva", division: int | None = None):
        self.exact = exact
        self.division = division or exact.division
        self.session = requests.Session()
        self.session.headers["Accept"] = "application/json"
        self.session.headers["Authorization"] = f"Bearer {exact.token(user)}"

    def address(self, path: str) -> str:
        return f"{self.exact.url}/api/v1/{self.division}/{path}"

    def get(self, path: str, **options: Any) -> requests.Response:
        """GET with query options by name: `get("crm/Accounts", filter="…", top=1)`."""
        query = {f"${name}": value for name, value in options.items()}
        return self.session.get(self.address(path), params=query, timeout=10)

    def rows(self, path: str, **options: Any) -> list[Json]:
        answer = self.get(path, **options)
        assert answer.status_code == 200, answer.text
        found: list[Json] = answer.json()["d"]["results"]
        return found

    def post(self, path: str, body: Any, **headers: str) -> requests.Response:
        return self.session.post(self.address(path), json=body, headers=headers, timeout=10)

    def create(self, path: str, **body: Any) -> Json:
        """POST that must succeed; the whole entity."""
        answer = self.post(path, body, Prefer="return=representation")
        assert answer.status_code == 201, answer.text
        created: Json = answer.json()["d"]
        return created

    def put(self, path: str, body: Any) -> requests.Response:
        return self.session.put(self.address(path), json=body, timeout=10)

    def delete(self, path: str) -> requests.Response:
        return self.session.delete(self.address(path), timeout=10)


def message(answer: requests.Response) -> str:
    text: str = answer.json()["error"]["message"]["value"]
    return text


def refusal(answer: requests.Response) -> tuple[int, str]:
    """Status and text of an answer that says no."""
    return answer.status_code, message(answer)
