export interface ShippedPackage {
  readonly name: string
  readonly version: string
  readonly license: string
  readonly address: string
  readonly text: string
}
export function shippedPackages(): ShippedPackage[]
export function notices(): string
