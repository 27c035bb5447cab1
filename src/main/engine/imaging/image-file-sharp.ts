/**
 * The one place that configures sharp.
 *
 * Invariant: libvips keeps no cache in this process. Its cache would hold decoded pictures in memory, and would give
 * back the old pixels of a file that has been written again under the same name.
 */
import sharp from 'sharp'

sharp.cache(false)

export { sharp }
