"""OGC SensorThings API 1.1 over the devices, points and readings of the platform.

Device → Thing, Location, FeatureOfInterest · point → Datastream · stream → ObservedProperty and
Sensor · reading → Observation. ``docs/reference/sensorthings.md`` lists the conformance classes.
"""
