--- The version of the library, in the one place that holds it.
return { _VERSION = "0.1.0" }
