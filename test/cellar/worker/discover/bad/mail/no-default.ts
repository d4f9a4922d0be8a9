export const useful = 1;
