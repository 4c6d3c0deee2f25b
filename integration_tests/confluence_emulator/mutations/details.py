"""Changes to the details of content: labels, properties, likes, restrictions, tasks."""

from integration_tests.confluence_emulator.jsontypes import Json
from integration_tests.confluence_emulator.model import (
    Label,
    Property,
    Task,
    Versioned,
)
from integration_tests.confluence_emulator.mutations.base import BaseMutations
from integration_tests.confluence_emulator.rendering_details import (
    render_label,
    render_like,
    render_property,
    render_space_property,
    render_task,
)


class DetailMutations(BaseMutations):
    """Methods that create no new version; they raise KeyError if the content is missing.

    Only an edit of a task is an edit of its page, too.
    """

    def label(self, kind: str, content_id: str, name: str, prefix: str = "global") -> Json:
        """Add a label to an object, creating the label if needed. Returns the label."""
        with self._site.lock:
            item = self._find(kind, content_id)
            label = self._label(name, prefix)
            if label is None:
                label = Label(self._site.labels.numbers.next(), name, prefix)
                self._site.labels.add(label)
            links = self._site.label_links.setdefault(item.id, [])
            if label.id not in links:
                links.append(label.id)
            self._site.touch()
            return render_label(label)

    def _label(self, name: str, prefix: str) -> Label | None:
        wanted = (name, prefix)
        return next((one for one in self._site.labels if (one.name, one.prefix) == wanted), None)

    def set_property(self, kind: str, content_id: str, key: str, value: object) -> Json:
        """Set a property and return it; an existing property gets a new version."""
        with self._site.lock:
            item = self._find(kind, content_id)
            rows = self._site.properties.setdefault(item.id, [])
            found = next((one for one in rows if one.key == key), None)
            if found is None:
                number, now = self._site.property_numbers.next(), self._now()
                found = Property(number, key, value, self._actor, now, now)
                rows.append(found)
            else:
                found.value, found.modified, found.version = value, self._now(), found.version + 1
            self._site.touch()
            return render_space_property(found) if kind == "space" else render_property(found)

    def like(self, kind: str, content_id: str, account_id: str) -> Json:
        """Like an object and return the like."""
        with self._site.lock:
            likes = self._site.likes.setdefault(self._find(kind, content_id).id, [])
            likes.append(account_id)
            self._site.touch()
            return render_like(account_id)

    def watch(self, kind: str, content_id: str, account_id: str) -> Json:
        """Watch a page or a space; returns nothing."""
        with self._site.lock:
            site = self._site
            watchers = site.space_watchers if kind == "space" else site.page_watchers
            watchers.setdefault(self._find(kind, content_id).id, []).append(account_id)
            site.touch()
            return {}

    def add_task(
        self, kind: str, content_id: str, text: str = "To do", assignee: str | None = None
    ) -> Json:
        """Add a task to a page or blog post and return it; the page's version stays the same."""
        with self._site.lock:
            task = Task(
                id=self._site.tasks.numbers.next(),
                container_kind=kind,
                container_id=self._find(kind, content_id).id,
                text=text,
                creator=self._actor,
                created=self._now(),
                updated=self._now(),
                assignee=assignee,
            )
            self._site.tasks.add(task)
            self._site.touch()
            return render_task(task, self._site, None)

    def complete_task(self, task_id: str) -> Json:
        """Complete a task and return it."""
        with self._site.lock:
            task = self._site.tasks.get(int(task_id))
            if task is None:
                raise KeyError(task_id)
            task.completed = task.updated = self._now()
            task.completer = self._actor
            self._site.touch()
            return render_task(task, self._site, None)

    def edit_task(self, task_id: str, text: str | None = None, assignee: str | None = None) -> Json:
        """Change a task, or reopen it, by editing the page or blog post that it is on."""
        with self._site.lock:
            task = self._site.tasks.get(int(task_id))
            container = None if task is None else self._site.container(task)
            if task is None or not isinstance(container, Versioned):
                raise KeyError(task_id)
            self._new_version(container)
            task.updated = self._now()
            task.text = task.text if text is None else text
            task.assignee = task.assignee if assignee is None else assignee
            task.completed = task.completer = None
            self._site.touch()
            return render_task(task, self._site, None)
