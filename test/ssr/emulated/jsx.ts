/** `react/jsx-runtime` and `react/jsx-dev-runtime`: elements as data. */
export const jsx = (type: string, props: object): object => ({ type, ...props });
export const jsxs: typeof jsx = jsx;
export const jsxDEV: typeof jsx = jsx;
