// Package calendar answers: when does a term end?
//
// «24 часа», «рабочий день» and «учетные сутки» are different calendars. Hours run through nights
// and holidays; a working day ends with the day; an accounting day of the railway ends at 18:00.
// Working days differ by country and year, so they are data: a table for each country comes with
// the program, every row with its source, and an operator who knows better puts another in its
// place.
package calendar
