export default 'not a handler';
