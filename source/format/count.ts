/** A whole number with its thousands apart: `12,345`. `toLocaleString` says the same and loads some megabytes of locales for it. */
export const formatCount = (value: number): string => String(Math.round(value)).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
