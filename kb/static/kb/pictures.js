// Hands the chosen picture to the editor that opened this window, and closes it.

const waiting = new URLSearchParams(location.search).get("CKEditorFuncNum");

for (const button of document.querySelectorAll("[data-picture]")) {
  button.addEventListener("click", () => {
    const { picture, words } = button.dataset;
    window.opener?.CKEDITOR.tools.callFunction(waiting, picture, { alternative_text: words });
    window.close();
  });
}
document.querySelector("[data-is-chosen]")?.click();
