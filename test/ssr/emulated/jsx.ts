/** `react/jsx-runtime` and `react/jsx-dev-runtime`: elements as data. */
const element = (type: string, props: object): object => ({ type, ...props });

export { element as jsx, element as jsxDEV, element as jsxs };
