"""Reading files in a process that can do nothing else.

A file that a city hands in may be damaged or made to do harm, and the libraries that read such files are large
programs in C++. So no file is opened in the process that holds the database's password: ``warden`` (in that process)
starts one ``nursery``, a process that has the libraries loaded and opens nothing; for each file it makes a child,
which confines itself (``confine``), opens the file (``job``) and writes what is in it to a pipe.
"""
