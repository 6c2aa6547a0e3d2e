package import Foundation
package import HostSystem

/// The formats of image files; the ending of a file's name determines the format.
package enum VolumeFormat: String, CaseIterable, Sendable {
  case nifti = "NIfTI"
  case nrrd = "NRRD"
  case metaImage = "MetaImage"
  case gipl = "GIPL"
  case png = "PNG"
  case bmp = "BMP"
  case tiff = "TIFF"

  /// The format of files with an ending.
  package init(_ ending: FileEnding) {
    switch ending.format {
    case ".nrrd", ".seg.nrrd", ".nhdr": self = .nrrd
    case ".mha", ".mhd": self = .metaImage
    case ".gipl", ".gipl.gz": self = .gipl
    case ".png": self = .png
    case ".bmp": self = .bmp
    case ".tif", ".tiff": self = .tiff
    default: self = .nifti
    }
  }

  /// The format that the name of a file indicates.
  package init(of url: URL) throws(ImagingError) {
    guard let ending = FileEnding(ofName: url.lastPathComponent) else {
      throw .unknownEnding(path: url.path)
    }
    self.init(ending)
  }
}
