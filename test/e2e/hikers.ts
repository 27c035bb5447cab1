/** Strokes of the mask brush (40 px) over the sample's hikers and their shadows, in document pixels. */
export const HIKERS = [
  [
    { x: 390, y: 726 },
    { x: 386, y: 742 },
  ],
  [
    { x: 382, y: 738 },
    { x: 440, y: 742 },
  ],
  [
    { x: 434, y: 712 },
    { x: 492, y: 690 },
    { x: 550, y: 720 },
  ],
  [
    { x: 440, y: 722 },
    { x: 500, y: 705 },
  ],
  [
    { x: 548, y: 722 },
    { x: 480, y: 728 },
  ],
] as const
