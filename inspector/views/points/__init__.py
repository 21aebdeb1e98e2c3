"""Points on the screen: samples with rings and error lines, the errors of all objects, and one sample's figures."""
