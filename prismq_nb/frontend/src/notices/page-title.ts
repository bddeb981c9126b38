/** A mark before the title of the browser's tab, which the application may change meanwhile. */

export class PageTitle {
  readonly #observer = new MutationObserver(() => this.#put());
  #mark = "";

  /** @param mark empty: none. */
  set(mark: string): void {
    if (mark === this.#mark) return;
    this.#observer.disconnect();
    const { title } = document;
    const own = this.#mark && title.startsWith(this.#mark) ? title.slice(this.#mark.length) : title;
    this.#mark = mark;
    document.title = mark + own;
    if (!mark) return;
    const options = { subtree: true, childList: true, characterData: true };
    this.#observer.observe(document.querySelector("title") ?? document.head, options);
  }

  #put(): void {
    if (!document.title.startsWith(this.#mark)) document.title = this.#mark + document.title;
  }
}
