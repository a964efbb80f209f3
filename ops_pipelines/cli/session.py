"""What a command is given: which service is meant, and in which language to speak of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from ops_pipelines import language
from ops_pipelines.language import Language
from ops_pipelines.settings.load import Loaded, load, services_path
from ops_pipelines.settings.service import Service


@dataclass(frozen=True, slots=True)
class Session:
    """The options before the command, and the environment."""

    services_option: str | None
    service_name: str | None
    language_option: Language | None
    environment: Mapping[str, str]

    def loaded(self) -> Loaded:
        """Every service file.

        Raises:
            InputError: there is no such file or folder.
        """
        return load(services_path(self.services_option, self.environment), self.environment)

    def service(self) -> Service:
        """The service that is meant; from here on its language is spoken, if none was asked for.

        Raises:
            SettingsError: its file has problems.
            ServiceChoiceError: it is not clear which one is meant.
        """
        service = self.loaded().choose(self.service_name)
        language.use(self.language_of(service))
        return service

    def named_service(self) -> Service | None:
        """The service that an option or `$OPS_SERVICES` names; none without: for files in hand.

        Raises:
            SettingsError: its file has problems.
            ServiceChoiceError: it is not clear which one is meant.
        """
        asked = self.services_option or self.service_name or self.environment.get("OPS_SERVICES")
        return self.service() if asked else None

    def language_of(self, service: Service) -> Language:
        """The language in which to speak of `service`: its own, if none was asked for."""
        own = language.from_environment(self.environment, service.language)
        return self.language_option or own

    def now(self) -> datetime:
        """The time now, aware."""
        return datetime.now(UTC)
