/** The part of lcms-wasm that we use; the package brings no types. Handles are addresses, 0 means failure. */
declare module 'lcms-wasm' {
  export interface Lcms {
    cmsOpenProfileFromMem(profile: Uint8Array, length: number): number
    cmsCreate_sRGBProfile(): number
    cmsCloseProfile(profile: number): void
    cmsCreateTransform(
      input: number,
      inputFormat: number,
      output: number,
      outputFormat: number,
      intent: number,
      flags: number,
    ): number
    cmsDeleteTransform(transform: number): void
    /** @param pixels count of pixels, not of bytes. */
    cmsDoTransform(transform: number, input: Uint8Array | Uint16Array, pixels: number): Uint8Array
  }
  export function instantiate(): Promise<Lcms>
  export const TYPE_RGB_8: number
  export const TYPE_RGB_16: number
  export const TYPE_RGBA_8: number
  export const TYPE_GRAY_8: number
  export const INTENT_RELATIVE_COLORIMETRIC: number
  export const cmsFLAGS_BLACKPOINTCOMPENSATION: number
  export const cmsFLAGS_COPY_ALPHA: number
}
