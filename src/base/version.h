/* version.h — which Muster this is: `git describe` of the tree it was built from. */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

extern const char muster_version[];

#endif
