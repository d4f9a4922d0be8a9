export default { kind: 'cellar.handler', run: () => 1 };
