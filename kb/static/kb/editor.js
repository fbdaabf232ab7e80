// Gives each rich-text box the name of its field, and lets a press on the name lead into it.

document.addEventListener("prose-editor:ready", ({ detail: { editor, textarea } }) => {
  const label = document.querySelector(`label[for="${textarea.id}"]`);
  if (!label) return;
  label.id ||= `${textarea.id}_label`;
  const box = editor.view.dom;
  box.setAttribute("aria-labelledby", label.id);
  const help = document.getElementById(`${textarea.id}_helptext`);
  if (help) box.setAttribute("aria-describedby", help.id);
  label.addEventListener("click", () => editor.commands.focus());
});

// The editor's own box for a picture asks for its words, but would do without them.
document.addEventListener("focusin", ({ target }) => {
  const words = target.closest(".prose-editor-dialog")?.querySelector("input[name=altText]");
  if (words) words.required = true;
});
