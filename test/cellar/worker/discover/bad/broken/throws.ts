throw new Error('cannot reach the database');
