/**
 * Forms that a repair of an agent does not need and an injected instruction does. English phrases only: these filters
 * are one line of several (quarantined diagnosis, the gate, a person), and are cheap to walk around for a translator.
 */
const PATTERNS: Readonly<Record<string, RegExp>> = {
  url: /\b(?:[a-z][a-z0-9+.-]*:\/\/|www\.|(?:data|javascript|mailto):)\S+/giu,
  'host-name':
    /\b(?:[a-z0-9-]+\.)+(?:com|net|org|info|biz|io|ai|dev|app|co|me|xyz|ru|cn|de|uk|eu|us|top|site|online|link|zip)\b(?!\()/giu,
  'ip-address': /\b(?:\d{1,3}\.){3}\d{1,3}\b/gu,
  'e-mail':
    /[\p{L}\p{N}._%+-]+\s?(?:@|\(at\)|\[at\])\s?[\p{L}\p{N}-]+(?:\.|\s?\(dot\)\s?|\s?\[dot\]\s?)\p{L}{2,}/giu,
  phone: /(?<![\p{L}\p{N}])(?!\d{4}-\d{2}-\d{2})\+?\d[\d ()/-]{8,}\d(?![\p{L}\p{N}])/gu,
  'encoded-text':
    /(?:[0-9a-f]{32,}|(?:\\x[0-9a-f]{2}|%[0-9a-f]{2}|&#x?[0-9a-f]+;|\\u[0-9a-f]{4}){4,})/giu,
  'encoded-blob': /[A-Za-z0-9+/_-]{40,}={0,2}/gu,
  'hidden-character': /[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad\u{e0000}-\u{e007f}]/gu,
  'override-phrase':
    /\b(?:ignor|disregard|forget|overrid|bypass|circumvent|supersed|replac)\w*\s+(?:\w+\s+){0,4}?(?:instructions?|rules?|prompts?|polic(?:y|ies)|guidelines?|guardrails?|safety|restrictions?|constraints?|everything)\b/giu,
  'role-change':
    /\b(?:you are now|from now on,? you|act as (?:an? )?(?:admin|root|developer|system)|pretend (?:to be|you)|new (?:system )?(?:instructions?|prompt)\s*:|(?:developer|debug|god|jailbreak) mode)/giu,
  'role-token':
    /<\|[^|>]*\|>|\[\/?(?:INST|SYS)\]|<<\/?SYS>>|<\/?(?:system|assistant|user|human|tool|instructions?)>|^[\s#*>-]*(?:system|developer)\s*:/gimu,
  secrecy:
    /\b(?:(?:do not|don't|never) (?:tell|inform|mention|reveal|disclose)\b[^.\n]{0,60}\b(?:this|these (?:instructions?|rules?)|it)\s*(?:[.!,;]|$)|without (?:telling|informing|asking) (?:the )?(?:users?|customers?|anyone))/gimu,
  exfiltration:
    /\b(?:reveal|print|output|repeat|send|forward|post|upload|leak|exfiltrate)\w*\s+(?:\w+\s+){0,5}?(?:system prompt|instructions|passwords?|secrets?|credentials?|tokens?|api[ -]?keys?|conversation|chat history)\b/giu,
  permission:
    /\b(?:api[ -]?keys?|access tokens?|private keys?|secret keys?|passwords?|credentials?|sudo|root access|admin(?:istrator)? (?:rights|access|privileges)|grant\w* (?:\w+\s+){0,3}?(?:access|permissions?|privileges))\b/giu,
}

/** One spelling for what looks alike: compatibility forms folded, white space single, lower case. */
const normalised = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/[^\S\n]+/gu, ' ')
    .toLowerCase()

const isBlob = (match: string): boolean => /\d/u.test(match) && /\p{L}/u.test(match)

const found = (texts: readonly string[], kind: string, pattern: RegExp): string[] =>
  texts.flatMap((text) => {
    // A blob is told from a long identifier by its letters' case and digits, hidden characters vanish in folding.
    const raw = kind === 'encoded-blob' || kind === 'hidden-character'
    const matches = [...(raw ? text : normalised(text)).matchAll(pattern)].map(([match]) => match)
    return kind === 'encoded-blob' ? matches.filter(isBlob) : matches
  })

/** The kinds of suspicious text that a change brings in. What the base itself says already is not held against it. */
export const suspiciousKinds = (
  changed: readonly string[],
  base: readonly string[],
): readonly string[] =>
  Object.entries(PATTERNS).flatMap(([kind, pattern]) => {
    const own = new Set(found(base, kind, pattern))
    return found(changed, kind, pattern).some((match) => !own.has(match)) ? [kind] : []
  })
