export function checkPackage(
  resources: string,
  platform?: string,
  arch?: string,
): { readonly problems: string[]; readonly summary: string }
export function resourcesIn(output: string): string | null
