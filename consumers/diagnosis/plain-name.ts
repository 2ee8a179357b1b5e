/** A name from a trace as a name only: letters, digits and `_ . / : -`, at most 64 of them. */
export const plainName = (text: string): string => text.replace(/[^\w./:-]+/g, '_').slice(0, 64)
