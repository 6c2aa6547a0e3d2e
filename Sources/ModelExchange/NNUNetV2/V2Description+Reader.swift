import HostSystem
import Plans

extension V2Description {
  /// The reader that v2 takes for images with the plans' ending; TIFF volumes have another than pictures.
  var readerWriter: String {
    let isFlat = plans.fingerprint.sizes.allSatisfy { $0.first == 1 }
    return switch plans.fileEnding.format {
    case ".png", ".bmp": "NaturalImage2DIO"
    case ".tif", ".tiff": isFlat ? "NaturalImage2DIO" : "Tiff3DIO"
    default: "SimpleITKIO"
    }
  }
}
