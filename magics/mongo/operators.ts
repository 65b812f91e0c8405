// Names of the server's language, to tell what a misspelt one was meant to be. They need not be complete.

const stages =
  "addFields bucket bucketAuto changeStream collStats count currentOp densify documents facet fill geoNear graphLookup group indexStats limit lookup match merge out project redact replaceRoot replaceWith sample search set setWindowFields skip sort sortByCount unionWith unset unwind";

const others =
  "abs accumulator add addToSet all allElementsTrue and anyElementTrue arrayElemAt arrayToObject avg bit ceil cmp concat concatArrays cond convert count currentDate dateAdd dateDiff dateFromParts dateFromString dateSubtract dateToParts dateToString dateTrunc dayOfMonth dayOfWeek dayOfYear divide each elemMatch eq exists exp expr filter first firstN floor function getField gt gte hour ifNull in inc indexOfArray indexOfBytes indexOfCP isArray isNumber isoDayOfWeek isoWeek isoWeekYear jsonSchema last lastN let literal ln log log10 lt lte ltrim map max maxN mergeObjects median meta millisecond min minN minute mod month mul multiply ne nearSphere near nin nor not objectToArray options or percentile pop position pow pull pullAll push rand range reduce regex regexFind regexFindAll regexMatch rename replaceAll replaceOne reverseArray round rtrim sampleRate second set setDifference setEquals setField setIntersection setIsSubset setOnInsert setUnion size slice sort sortArray split sqrt stdDevPop stdDevSamp strLenBytes strLenCP strcasecmp substr substrBytes substrCP subtract sum switch text toBool toDate toDecimal toDouble toInt toLong toLower toObjectId toString toUpper top topN trim trunc type unset week where year zip";

const names = (words: string): readonly string[] => words.split(" ").map((word) => `$${word}`);

/** Stages of a pipeline. */
export const stageNames: readonly string[] = names(stages);

/** Operators of filters, updates and expressions, and accumulators. */
export const expressionNames: readonly string[] = names(others);
