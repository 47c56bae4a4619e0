def fans(shape):
    fan_in, fan_out = shape[1], shape[0]
    for side in shape[2:]:
        fan_in *= side
        fan_out *= side
    return [fan_in, fan_out]
