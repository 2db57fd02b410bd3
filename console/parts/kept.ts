/** What this browser remembers of the person's taste. A browser that forbids storage forgets it with the tab. */
const prefix = 'hongyan.';
const tab = new Map<string, string>();

export function kept(name: string): string | null {
  try {
    return localStorage.getItem(prefix + name);
  } catch {
    return tab.get(name) ?? null;
  }
}

export function keep(name: string, value: string): void {
  try {
    localStorage.setItem(prefix + name, value);
  } catch {
    tab.set(name, value);
  }
}

/** What this tab keeps of what somebody typed goes with them. */
export function forgetTab(): void {
  try {
    sessionStorage.clear();
  } catch {
    // Then there is none.
  }
}
