from collections import OrderedDict
import numpy as np
def plans_for(rank, residual, patch=None, labels=3, channels=2):
    patch = patch or ([32, 32] if rank == 2 else [16, 32, 32])
    pools = [[2, 2]] * 2 if rank == 2 else [[1, 2, 2], [2, 2, 2]]
    kernels = [[3, 3]] * 3 if rank == 2 else [[1, 3, 3], [3, 3, 3], [3, 3, 3]]
    stage = dict(batch_size=2, num_pool_per_axis=[2, 2] if rank == 2 else [1, 2, 2], patch_size=np.array(patch),
        median_patient_size_in_voxels=np.array([20, 40, 40]), current_spacing=np.array([1.5, 1.2, 1.1]), original_spacing=np.array([1.5, 1.2, 1.1]),
        do_dummy_2D_data_aug=False, pool_op_kernel_sizes=([[1] * rank] + pools) if residual else pools, conv_kernel_sizes=kernels)
    if residual: stage.update(num_blocks_encoder=(1, 2, 2), num_blocks_decoder=(1, 1))
    return dict(num_stages=1, num_modalities=channels, modalities={i: "MR" for i in range(channels)}, normalization_schemes=OrderedDict((i, "nonCT") for i in range(channels)),
        dataset_properties=dict(all_sizes=[], all_spacings=[], all_classes=list(range(1, labels + 1)), modalities={i: "MR" for i in range(channels)}, intensityproperties=None, size_reductions={}),
        list_of_npz_files=[], original_spacings=[], original_sizes=[], preprocessed_data_folder="x", num_classes=labels, all_classes=list(range(1, labels + 1)),
        base_num_features=8, use_mask_for_norm=OrderedDict((i, False) for i in range(channels)), keep_only_largest_region=None, min_region_size_per_class=None, min_size_per_class=None,
        transpose_forward=[0, 1, 2], transpose_backward=[0, 1, 2], data_identifier="nnUNetData_plans_v2.1" + ("_2D" if rank == 2 else ""), plans_per_stage={0: stage},
        preprocessor_name="PreprocessorFor2D" if rank == 2 else "GenericPreprocessor", conv_per_stage=2)
