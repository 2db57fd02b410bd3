/** Commands as they are typed; the same in both languages. */
export function campaignCommand(what: string, id: number): string {
  return `hongyan campaigns ${what} ${id}`;
}
