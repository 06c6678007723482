"""The settings of the React page that this one replaces."""

from pydantic_settings import BaseSettings, SettingsConfigDict

from northstar.settings.environment import ENV_FILE

PREFIX = "VITE_"


class OldFrontEnd(BaseSettings):
    """Settings read from the `.env` of the React page."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=ENV_FILE, extra="ignore")

    ws_url: str = ""
    ws_secure: str = ""
    api_url: str = ""


def old_variable(name: str) -> str:
    """Return the environment variable of a setting in the old front end."""
    return f"{PREFIX}{name.upper()}"
