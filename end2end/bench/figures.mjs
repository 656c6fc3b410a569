// Figures of a run, as every measurement prints them.

/** The value below which this share of the samples lies. */
export function quantile(samples, share) {
  const sorted = [...samples].sort((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)]
}

export const milliseconds = (number) => `${number.toFixed(1)} ms`

/** Prints median and 95th percentile of samples in milliseconds; answers both. */
export function report(name, samples) {
  const [p50, p95] = [quantile(samples, 0.5), quantile(samples, 0.95)]
  console.log(`${name}: p50 ${milliseconds(p50)}, p95 ${milliseconds(p95)} (${samples.length} samples)`)
  return { p50, p95 }
}

/** Bytes in words. */
export const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`
