public import ArgumentParser
import Inference
import ModelExport
public import Plans

// Values that arguments take by name. The parser lists them when a user writes another one.

extension Plans.Configuration: ExpressibleByArgument {}

extension SegmentationExport.Mode: ExpressibleByArgument {}

extension NetworkExport.Format: ExpressibleByArgument {}
