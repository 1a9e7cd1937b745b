/** Loads scripts of a folder that hand a value to the page by calling a function with their name and it; each once. */
export class ScriptLoader {
  private readonly loading = new Map<string, Promise<unknown>>();
  private readonly arrived = new Map<string, unknown>();

  constructor(
    private readonly folder: string,
    called: string,
  ) {
    Object.assign(window, { [called]: (name: string, value: unknown) => this.arrived.set(name, value) });
  }

  get<T>(name: string): Promise<T> {
    const known = this.loading.get(name) ?? this.load(name);
    this.loading.set(name, known);
    return known as Promise<T>;
  }

  /** By a script, which a page opened from a folder on disk may load; it may not fetch. */
  private load(name: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = `${this.folder}${name}.js`;
      script.onload = () => resolve(this.arrived.get(name));
      script.onerror = () => {
        this.loading.delete(name);
        reject(new Error(`${script.src} could not be loaded`));
      };
      document.head.append(script);
    });
  }
}
