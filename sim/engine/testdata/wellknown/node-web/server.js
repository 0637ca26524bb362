'use strict';

const express = require('express');
const app = express();
app.listen(8080, '0.0.0.0');
