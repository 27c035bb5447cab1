export const HOW_TO_GET: string
export function electronBinary(): string | null
export function offerElectron(): Promise<string | null>
